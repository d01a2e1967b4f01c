// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.ADMIN;
import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.SUBCOMMANDS;

import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.CommandTable.Counted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The server itself. */
final class ServerCommands {
  static final Family FAMILY =
      new Family(
          "Server",
          List.of(
              row(
                  "COMMAND",
                  -1,
                  EnumSet.of(SUBCOMMANDS),
                  ServerCommands::command,
                  "The commands; COUNT, LIST, INFO, DOCS"),
              row(
                  "INFO",
                  -1,
                  EnumSet.noneOf(Flag.class),
                  ServerCommands::info,
                  "server, clients, memory, stats, keyspace, cachewright"),
              row(
                  "CONFIG",
                  -2,
                  EnumSet.of(ADMIN, SUBCOMMANDS),
                  ServerCommands::config,
                  "GET; settings are changed in the configuration file"),
              row("TIME", 1, EnumSet.of(FAST), ServerCommands::time, "The server's clock"),
              row(
                  "WAIT",
                  3,
                  EnumSet.noneOf(Flag.class),
                  ServerCommands::waitForReplicas,
                  "0: there are no replicas")));

  private ServerCommands() {}

  private static Command row(
      String name, int arity, Set<Flag> flags, Command.PlainHandler handler, String summary) {
    return new Command(name, arity, flags, Keys.NONE, Command.plain(handler), summary);
  }

  private static void time(Call call) {
    long millis = call.service().clock().millis();
    call.out().array(2);
    call.out().bulk(Long.toString(millis / 1000));
    call.out().bulk(Long.toString(millis % 1000 * 1000));
  }

  private static void waitForReplicas(Call call) {
    call.integer(1);
    if (call.integer(2) < 0) {
      throw new ErrorReply("ERR timeout is negative");
    }
    call.out().integer(0);
  }

  private static void info(Call call) {
    List<String> sections = new ArrayList<>();
    for (int i = 1; i < call.size(); i++) {
      sections.add(call.text(i).toLowerCase(Locale.ROOT));
    }
    call.out().text(new ServerInfo(call.service()).text(sections));
  }

  // ---- CONFIG ----

  private static void config(Call call) {
    if (call.is(1, "GET")) {
      configGet(call);
    } else if (call.is(1, "HELP")) {
      Subcommands.help(call);
    } else if (call.is(1, "RESETSTAT")) {
      throw new ErrorReply("ERR CONFIG RESETSTAT is refused: metrics only ever grow");
    } else {
      throw new ErrorReply(
          "ERR CONFIG "
              + call.text(1).toUpperCase(Locale.ROOT)
              + " is refused: settings are made in the configuration and take effect at the next"
              + " start");
    }
  }

  /** What clients and tools ask for, under the names that Redis has. */
  private static Map<String, String> settings(Service service) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("appendonly", service.engine().log() == null ? "no" : "yes");
    settings.put("databases", "1");
    settings.put("maxclients", Integer.toString(service.limits().maxConnections()));
    settings.put(
        "maxmemory", Long.toString(service.catalog().plain().space().options().maximumBytes()));
    settings.put("maxmemory-policy", "allkeys-lfu");
    settings.put("notify-keyspace-events", "");
    settings.put("port", Integer.toString(service.port()));
    settings.put("proto-max-bulk-len", Integer.toString(service.limits().maxBulk()));
    settings.put("save", "");
    settings.put("timeout", "0");
    return settings;
  }

  private static void configGet(Call call) {
    Map<String, String> found = new LinkedHashMap<>();
    settings(call.service())
        .forEach(
            (name, value) -> {
              for (int i = 2; i < call.size(); i++) {
                byte[] pattern = Bytes.of(call.text(i).toLowerCase(Locale.ROOT)).array();
                if (new Glob(pattern).matches(Bytes.of(name).array())) {
                  found.put(name, value);
                }
              }
            });
    call.out().map(found.size());
    found.forEach(
        (name, value) -> {
          call.out().bulk(name);
          call.out().bulk(value);
        });
  }

  // ---- COMMAND ----

  private static void command(Call call) {
    CommandTable table = call.service().commands();
    if (call.size() == 1) {
      describeAll(call.out(), table.all());
    } else if (call.is(1, "COUNT")) {
      call.out().integer(table.all().size());
    } else if (call.is(1, "LIST")) {
      list(call);
    } else if (call.is(1, "INFO")) {
      describeAll(call.out(), call.size() == 2 ? table.all() : named(call));
    } else if (call.is(1, "DOCS")) {
      docs(call);
    } else {
      Subcommands.help(call);
    }
  }

  private static void list(Call call) {
    List<String> names =
        call.service().commands().all().stream().map(each -> each.command().lowerName()).toList();
    if (call.size() > 2) {
      if (call.size() != 5 || !call.is(2, "FILTERBY")) {
        throw ErrorReply.syntax();
      } else if (call.is(3, "PATTERN")) {
        Glob glob = new Glob(Bytes.of(call.text(4).toLowerCase(Locale.ROOT)).array());
        names = names.stream().filter(name -> glob.matches(Bytes.of(name).array())).toList();
      } else if (call.is(3, "MODULE")) {
        names = List.of(); // there are none
      } else if (call.is(3, "ACLCAT")) {
        throw new ErrorReply("ERR FILTERBY ACLCAT is refused: commands have no categories here");
      } else {
        throw ErrorReply.syntax();
      }
    }
    call.out().array(names.size());
    names.forEach(call.out()::bulk);
  }

  /** Of each word a command or null. */
  private static List<@Nullable Counted> named(Call call) {
    List<@Nullable Counted> named = new ArrayList<>();
    for (int i = 2; i < call.size(); i++) {
      named.add(call.service().commands().find(call.bytes(i)));
    }
    return named;
  }

  private static void describeAll(RespWriter out, Collection<? extends @Nullable Counted> all) {
    out.array(all.size());
    for (Counted each : all) {
      if (each == null) {
        out.nilArray();
      } else {
        describe(out, each.command());
      }
    }
  }

  private static void describe(RespWriter out, Command command) {
    out.array(10);
    out.bulk(command.lowerName());
    out.integer(command.arity());
    List<String> words =
        command.flags().stream().map(flag -> flag.word).filter(word -> !word.isEmpty()).toList();
    out.set(words.size());
    words.forEach(out::simple);
    out.integer(command.keys().first());
    out.integer(command.keys().last());
    out.integer(command.keys().step());
    for (int i = 0; i < 4; i++) { // categories, tips, key specifications, subcommands
      out.array(0);
    }
  }

  private static void docs(Call call) {
    List<Counted> chosen = new ArrayList<>();
    if (call.size() == 2) {
      chosen.addAll(call.service().commands().all());
    } else {
      for (Counted each : named(call)) {
        if (each != null) {
          chosen.add(each);
        }
      }
    }
    call.out().map(chosen.size());
    for (Counted each : chosen) {
      call.out().bulk(each.command().lowerName());
      call.out().map(1);
      call.out().bulk("summary");
      call.out().bulk(each.command().summary());
    }
  }
}
