// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.app.config.BadConfiguration;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.config.Origin;
import io.cachewright.app.config.Problem;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import io.cachewright.app.config.UnknownVariables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that several commands have. Each overrides the setting of its name. */
final class CommonOptions {
  /** Where the database is. */
  static final class Login {
    @Option(
        names = "--database",
        paramLabel = "URL",
        description =
            "postgresql://user:password@host/database, sqlite:FILE, or a JDBC URL of either.")
    private @Nullable String database;

    @Option(names = "--user", paramLabel = "NAME", description = "The database user.")
    private @Nullable String user;

    @Option(
        names = "--password",
        paramLabel = "TEXT",
        description =
            "Its password. Others can see it in the list of processes: --password-file or the"
                + " variable CACHEWRIGHT_PASSWORD keep it to yourself.")
    private @Nullable String password;

    @Option(
        names = "--password-file",
        paramLabel = "FILE",
        description = "A file whose first line is the password.")
    private @Nullable String passwordFile;

    boolean hasDatabase() {
      return database != null;
    }

    /** What was given, by setting. */
    Map<Setting<?>, String> given() {
      Map<Setting<?>, String> given = new HashMap<>();
      put(given, Settings.DATABASE, database);
      put(given, Settings.USER, user);
      put(given, Settings.PASSWORD, password);
      put(given, Settings.PASSWORD_FILE, passwordFile);
      return given;
    }
  }

  /** The configuration file. */
  static final class ConfigFile {
    private static final Origin VARIABLE = new Origin.Variable(UnknownVariables.FILE);

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description =
            "The configuration, in YAML (docs/configuration.md; `cachewright init` writes one).")
    private @Nullable Path config;

    /** The file from the option, else from the variable; null if neither names one. */
    @Nullable Path path(Map<String, String> environment) {
      String named = environment.get(UnknownVariables.FILE);
      if (config != null || named == null) {
        return config;
      } else if (named.isBlank()) {
        String problem = "it is empty; name a file with it, or unset it";
        throw new BadConfiguration(List.of(new Problem(VARIABLE, problem)));
      }
      return Path.of(named);
    }

    Configuration read(Console console, Map<Setting<?>, String> options) {
      Map<String, String> environment = console.environment();
      for (String warning : UnknownVariables.warnings(environment)) {
        console.err().println("cachewright: " + warning);
      }
      Origin named = config != null ? new Origin.Option("--config") : VARIABLE;
      return ConfigurationReader.read(path(environment), named, environment, options);
    }
  }

  private CommonOptions() {}

  static void put(Map<Setting<?>, String> given, Setting<?> setting, @Nullable String text) {
    if (text != null) {
      given.put(setting, text);
    }
  }

  /** What to say if no database was named. */
  static Failure noDatabase(String command) {
    String hint = Files.exists(Path.of("cachewright.yaml")) ? " --config cachewright.yaml" : "";
    return Failure.wrongUse(
        "no database: name one with --database, CACHEWRIGHT_DATABASE or `database` in the"
            + " configuration, as in `cachewright "
            + command
            + (hint.isEmpty() ? " --database postgresql://user:password@host/shop" : hint)
            + "`");
  }
}
