// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import io.cachewright.app.serve.Banner;
import io.cachewright.app.serve.Serving;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves until it is stopped. */
@Command(
    name = "serve",
    header = {"Serve a database to Redis clients.", ""},
    description = {
      "Without a configuration file, or with one that names no keyspaces, every table with a"
          + " primary key is a read-through keyspace of its name: HGETALL customers:42 is row 42 of"
          + " customers. Keys of no keyspace are plain Redis keys.",
      "",
      "If the database cannot be reached, what needs no table is served all the same, and tables as"
          + " soon as it can; without a list of keyspaces, keys with a colon may be rows, and are"
          + " refused until then. A wrong password or database name ends it at once (exit code 1)."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  cachewright serve --database postgresql://app:secret@localhost/shop",
      "  cachewright serve --config cachewright.yaml --listen 0.0.0.0:6380",
      "  cachewright serve --config cachewright.yaml --data /var/lib/cachewright"
    })
final class ServeCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private CommonOptions.ConfigFile file;
  @Mixin private CommonOptions.Login login;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where Redis clients connect. Default 127.0.0.1:6380.")
  private @Nullable String listen;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where journal and snapshots of write-behind and record keyspaces are. Default"
              + " ./cachewright-data.")
  private @Nullable String data;

  @Option(
      names = "--durability",
      paramLabel = "WORD",
      description =
          "What acknowledged write-behind and record writes survive: fsync (a power cut; default),"
              + " interval (a power cut but for the last second), os (the end of the process).")
  private @Nullable String durability;

  @Option(
      names = "--forget",
      paramLabel = "NAME",
      description =
          "Drop what waits in the journal, what is parked, and what is record, of a keyspace: for"
              + " one that was removed from the configuration. Can be repeated.")
  private List<String> forget = List.of();

  ServeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    Map<Setting<?>, String> options = login.given();
    CommonOptions.put(options, Settings.LISTEN, listen);
    CommonOptions.put(options, Settings.DATA, data);
    CommonOptions.put(options, Settings.DURABILITY, durability);
    Configuration configuration = file.read(console, options);
    if (configuration.hasStores() && configuration.get(Settings.DATABASE).isEmpty()) {
      throw CommonOptions.noDatabase("serve");
    }
    Serving serving = Serving.start(configuration, forget);
    Stop.onSignal(console, serving::stop);
    Banner.lines(serving).forEach(console.out()::println);
    console.out().flush();
    new CountDownLatch(1).await();
    return Failure.OK;
  }
}
