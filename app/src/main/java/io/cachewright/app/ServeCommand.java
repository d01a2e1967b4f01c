// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import io.cachewright.app.serve.Banner;
import io.cachewright.app.serve.Serving;
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
      "If the database cannot be reached, plain keys are served all the same, and tables as soon as"
          + " it can. A wrong password or database name ends it at once (exit code 1)."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  cachewright serve --database postgresql://app:secret@localhost/shop",
      "  cachewright serve --config cachewright.yaml --listen 0.0.0.0:6380"
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

  ServeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    Map<Setting<?>, String> options = login.given();
    CommonOptions.put(options, Settings.LISTEN, listen);
    Configuration configuration = file.read(console.environment(), options);
    if (configuration.hasStores() && configuration.get(Settings.DATABASE).isEmpty()) {
      throw CommonOptions.noDatabase("serve");
    }
    Serving serving = Serving.start(configuration);
    Stop.onSignal(console, serving);
    Banner.lines(serving).forEach(console.out()::println);
    console.out().flush();
    new CountDownLatch(1).await();
    return Failure.OK;
  }
}
