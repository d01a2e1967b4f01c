// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.Problem;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import io.cachewright.app.config.Values;
import io.cachewright.app.schema.Fit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says what a configuration means, and whether the database agrees. */
@Command(
    name = "check",
    header = {"Say what a configuration means, and whether the database fits.", ""},
    description = {
      "Reads the configuration and, if the database can be reached, compares them: tables (also of"
          + " mirrors), keys, columns, permissions. Prints every setting in effect and where it"
          + " comes from.",
      "",
      "Changes nothing. Exit code 1 if there are problems, 2 if the configuration cannot be read."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  cachewright check --config cachewright.yaml",
      "  cachewright check --config cachewright.yaml --database sqlite:shop.db"
    })
final class CheckCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private CommonOptions.ConfigFile file;
  @Mixin private CommonOptions.Login login;

  CheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (file.path(console.environment()) == null
        && !login.hasDatabase()
        && !console.environment().containsKey(Settings.DATABASE.variable())) {
      throw Failure.wrongUse(
          "nothing to check: name a file with --config, as in `cachewright check --config"
              + " cachewright.yaml`, or a database with --database");
    }
    Configuration configuration = file.read(console, login.given());
    Fit fit = Fit.of(configuration);
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("setting", "value", "from"));
    rows(rows, "", configuration.values(), Setting.Scope.TOP);
    fit.keyspaces()
        .forEach(
            keyspace ->
                rows(rows, keyspace.name() + ".", keyspace.values(), Setting.Scope.KEYSPACE));
    rows(rows, "plain.", configuration.plain().values(), Setting.Scope.PLAIN);
    printTable(rows);
    console.out().println();
    fit.notes().forEach(console.out()::println);
    for (Problem problem : fit.problems()) {
      console.out().println("problem: " + problem);
    }
    int problems = fit.problems().size();
    console
        .out()
        .println(
            problems == 0 ? "all is well" : problems == 1 ? "1 problem" : problems + " problems");
    return problems == 0 ? Failure.OK : Failure.FAILED;
  }

  /** Of keyspaces only what was given, for the defaults of each would hide it. */
  private static void rows(
      List<List<String>> rows, String prefix, Values values, Setting.Scope scope) {
    for (Setting<?> setting : Settings.ALL) {
      boolean shown =
          setting.isIn(scope)
              && (scope == Setting.Scope.TOP
                  || values.has(setting)
                  || setting.equals(Settings.PATTERN));
      if (shown) {
        rows.add(
            List.of(
                prefix + setting.name(),
                values.show(setting),
                values.originOf(setting).toString()));
      }
    }
  }

  private void printTable(List<List<String>> rows) {
    int first = rows.stream().mapToInt(row -> row.get(0).length()).max().orElse(0);
    int second = rows.stream().mapToInt(row -> row.get(1).length()).max().orElse(0);
    for (List<String> row : rows) {
      String format = "%-" + first + "s  %-" + Math.max(1, second) + "s  %s";
      console.out().println(String.format(format, row.get(0), row.get(1), row.get(2)));
    }
  }
}
