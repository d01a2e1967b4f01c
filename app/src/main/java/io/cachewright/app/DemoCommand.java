// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.app.config.Units;
import io.cachewright.app.demo.Demo;
import io.cachewright.app.demo.DemoRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the patterns side by side. */
@Command(
    name = "demo",
    header = {"See the patterns side by side, measured on a small web shop.", ""},
    description = {
      "Makes a web shop of over 100 000 rows, puts the same load on it with no cache and with"
          + " each pattern, prints what came of it side by side, kills a write-behind server under"
          + " load to count what was lost (nothing), and serves the shop until Ctrl-C.",
      "",
      "Needs nothing: without --database it makes a SQLite file in a temporary directory, or where"
          + " --data says. With the --database of a PostgreSQL it works in a schema of its own,"
          + " cachewright_demo, which it drops again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  cachewright demo",
      "  cachewright demo --database postgresql://app:secret@localhost/test"
    })
final class DemoCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private CommonOptions.Login login;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long each row of the table runs. Default 3, with --short 1.")
  private @Nullable Double seconds;

  @Option(
      names = "--short",
      description =
          "Check that every cell of the table could be measured, print `demo: table complete`, and"
              + " end.")
  private boolean isShort;

  @Option(
      names = "--round-trip",
      paramLabel = "TIME",
      description =
          "How far away the database is made to be, as 2ms. Default 0.5ms with SQLite, which is in"
              + " this process; none with --database.")
  private @Nullable String roundTrip;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Put the SQLite file there (overwriting that of the last demo), and keep it.")
  private @Nullable Path data;

  @Option(names = "--keep", description = "Leave the data when it ends.")
  private boolean keep;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "6380",
      description = "Where the shop is served at the end; a free one if it is taken. Default 6380.")
  private int port;

  DemoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    double each = seconds != null ? seconds : isShort ? 1 : 3;
    if (each <= 0 || each > 3_600) {
      throw Failure.wrongUse("--seconds must be above 0 and at most 3600, was " + seconds);
    }
    if (port < 0 || port > 65_535) {
      throw Failure.wrongUse("--port must be a number from 0 to 65535, was " + port);
    }
    DemoRun run = new DemoRun(each, roundTrip(), data, keep, login.given());
    Demo demo = run.open(console);
    Stop stop = Stop.onSignal(console, demo);
    if (isShort) {
      try {
        run.measure(demo);
      } finally {
        stop.unlessStopping();
      }
      console.out().println("demo: table complete");
      console.out().flush();
      return Failure.OK;
    }
    run.measure(demo);
    demo.stay(port);
    new CountDownLatch(1).await();
    return Failure.OK;
  }

  private @Nullable Duration roundTrip() {
    if (roundTrip == null) {
      return null;
    }
    try {
      return Units.duration(roundTrip);
    } catch (RuntimeException e) {
      throw Failure.wrongUse("--round-trip: " + e.getMessage(), e);
    }
  }
}
