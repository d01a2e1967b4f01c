// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.config.Origin;
import io.cachewright.app.config.Settings;
import io.cachewright.app.schema.Draft;
import io.cachewright.app.schema.Schema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a configuration from a schema. */
@Command(
    name = "init",
    header = {"Write a configuration from the schema of a database.", ""},
    description = {
      "Every table with a primary key becomes a read-through keyspace; those without one are in the"
          + " file as comments, with the reason. Passwords are not written."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  cachewright init --database postgresql://app:secret@localhost/shop",
      "  cachewright init --database sqlite:shop.db --output shop.yaml"
    })
final class InitCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private CommonOptions.Login login;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "cachewright.yaml",
      description = "The file to write; - is stdout. Default ${DEFAULT-VALUE}.")
  private String output;

  @Option(names = "--force", description = "Overwrite the file if it is there.")
  private boolean force;

  InitCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Configuration configuration =
        ConfigurationReader.read(null, console.environment(), login.given());
    DatabaseUrl url =
        configuration.get(Settings.DATABASE).orElseThrow(() -> CommonOptions.noDatabase("init"));
    Path file = Path.of(output);
    boolean toFile = !output.equals("-");
    if (toFile && Files.exists(file) && !force) {
      throw alreadyThere();
    }
    Schema schema = Schema.read(configuration, url);
    String text = Draft.of(configuration, url, schema);
    if (!toFile) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8); // what reads it takes nothing else
      console.out().write(bytes, 0, bytes.length);
      console.out().flush();
      return Failure.OK;
    }
    write(file, text);
    console
        .out()
        .printf(
            "wrote %s; keyspaces: %d%s%nnext: %scachewright check --config %s%n",
            output,
            schema.usable().size(),
            schema.unusable().isEmpty() ? "" : ", tables as comments: " + schema.unusable().size(),
            hasPassword(configuration, url)
                ? "set CACHEWRIGHT_PASSWORD, or name a password-file in it; then "
                : "",
            output);
    return Failure.OK;
  }

  /** Whether one was given that the next command will not have. */
  private static boolean hasPassword(Configuration configuration, DatabaseUrl url) {
    return url.password().isPresent()
        || configuration.get(Settings.PASSWORD).isPresent()
            && configuration.values().originOf(Settings.PASSWORD) instanceof Origin.Option;
  }

  private void write(Path file, String text) {
    try {
      if (force) {
        Files.writeString(file, text);
      } else {
        Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      }
    } catch (FileAlreadyExistsException e) {
      throw alreadyThere();
    } catch (IOException e) {
      throw Failure.failed(output + " cannot be written: " + Failure.reason(e), e);
    }
  }

  private Failure alreadyThere() {
    return Failure.wrongUse(
        output + " is there already; --force overwrites it, --output FILE writes another");
  }
}
