// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Looks at parked changes of a running server, and decides what becomes of them. */
@Command(
    name = "parked",
    header = {"Look at changes that the database refused; mend, retry, discard them.", ""},
    customSynopsis = {
      "cachewright parked [OPTIONS] [list [KEYSPACE]]",
      "       cachewright parked [OPTIONS] show ID",
      "       cachewright parked [OPTIONS] retry ID [FIELD=VALUE ...]",
      "       cachewright parked [OPTIONS] discard ID"
    },
    description = {
      "",
      "Under write-behind a change that the database refuses for good (a constraint, a bad value)"
          + " is set aside with the reason, and later changes of its key with it; all others go on."
          + " It stays until it is retried, with other values if need be, or discarded.",
      "",
      "Exit code 1 if a retry is refused again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  cachewright parked",
      "  cachewright parked show 17",
      "  cachewright parked retry 17 status=paid total=12.50",
      "  cachewright parked discard 17 --config cachewright.yaml"
    })
final class ParkedCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("id", "keyspace", "key", "action", "code", "since", "tries");

  private final Console console;

  @Mixin private Remote.Where where;

  @Parameters(
      index = "0",
      arity = "0..1",
      defaultValue = "list",
      paramLabel = "ACTION",
      description = "list, show, retry or discard. Default list.")
  private String action;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "ARGUMENT",
      description = "What for: a keyspace, or the id of a parked change and new values of it.")
  private List<String> arguments = List.of();

  ParkedCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<String> command = command();
    try (Remote remote = where.connect(console)) {
      Object reply = remote.ask(command.toArray(String[]::new));
      return switch (action) {
        case "list" -> list(Remote.list(reply));
        case "show" -> show(Remote.map(reply));
        case "retry" -> retried(Remote.map(reply));
        default -> said(arguments.get(0) + " is discarded; the cache shows what the database has");
      };
    }
  }

  /** What the server is sent. */
  private List<String> command() {
    List<String> command = new ArrayList<>();
    switch (action) {
      case "list" -> {
        require(arguments.size() <= 1, "list takes a keyspace, or nothing");
        command.add("CW.PARKED");
        command.addAll(arguments);
      }
      case "show", "discard" -> {
        require(arguments.size() == 1 && isId(arguments.get(0)), action + " takes the ID of one");
        command.addAll(
            List.of(action.equals("show") ? "CW.PARKED" : "CW.DISCARD", arguments.get(0)));
      }
      case "retry" -> {
        require(!arguments.isEmpty() && isId(arguments.get(0)), "retry takes the ID of one");
        command.addAll(List.of("CW.RETRY", arguments.get(0)));
        for (String value : arguments.subList(1, arguments.size())) {
          int equals = value.indexOf('=');
          require(equals > 0, "\"" + value + "\" is no FIELD=VALUE");
          command.addAll(List.of(value.substring(0, equals), value.substring(equals + 1)));
        }
      }
      default ->
          throw Failure.wrongUse(
              "there is no " + action + "; there are list, show, retry and discard");
    }
    return command;
  }

  private static void require(boolean met, String rule) {
    if (!met) {
      throw Failure.wrongUse(rule + ", as in `cachewright parked --help`");
    }
  }

  private static boolean isId(String text) {
    return text.matches("[0-9]{1,18}");
  }

  private int list(List<?> parked) {
    if (parked.isEmpty()) {
      return said("nothing is parked");
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(COLUMNS);
    for (Object each : parked) {
      Map<String, @Nullable Object> fields = Remote.map(each);
      rows.add(COLUMNS.stream().map(column -> Remote.text(fields.get(column))).toList());
    }
    Remote.print(console, rows);
    return said("\nwhy: cachewright parked show ID");
  }

  private int show(Map<String, @Nullable Object> fields) {
    fields.forEach(
        (name, value) ->
            console.out().println(String.format("%-10s %s", name, Remote.text(value))));
    return Failure.OK;
  }

  /** The server answers the change if it is parked still. */
  private int retried(Map<String, @Nullable Object> still) {
    if (still.isEmpty()) {
      return said("the database has it now");
    }
    said("the database has refused it again:");
    show(still);
    return Failure.FAILED;
  }

  private int said(String what) {
    console.out().println(what);
    return Failure.OK;
  }
}
