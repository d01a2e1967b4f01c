// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.Pattern;
import io.cachewright.app.Version;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.Format;
import io.cachewright.app.config.KeyspaceSettings;
import io.cachewright.app.config.Listen;
import io.cachewright.app.config.Settings;
import io.cachewright.jdbc.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is said when it serves: what, where, by which patterns, and how to try it. */
public final class Banner {
  private static final int NAMES_MAX = 12;
  private static final int LEFT_OUT_MAX = 5;
  private static final List<Pattern> TABLE_PATTERNS =
      List.of(Pattern.READ_THROUGH, Pattern.WRITE_THROUGH, Pattern.WRITE_BEHIND);

  private Banner() {}

  public static List<String> lines(Serving serving) {
    Configuration configuration = serving.configuration();
    Listen listen = new Listen(configuration.get(Settings.LISTEN).host(), serving.port());
    List<String> lines = new ArrayList<>();
    lines.add("Cachewright " + Version.text());
    line(lines, "listening", listen + ", Redis protocol");
    configuration.get(Settings.DATABASE).ifPresent(url -> line(lines, "database", url.shown()));
    journal(lines, serving);
    Tables tables = serving.tables();
    for (Pattern pattern : TABLE_PATTERNS) {
      List<String> names = names(configuration, tables, pattern);
      if (!names.isEmpty()) {
        line(lines, pattern.word(), shortened(names, NAMES_MAX));
      }
    }
    plain(lines, configuration, Pattern.RECORD);
    plain(lines, configuration, Pattern.LOOK_ASIDE);
    if (tables == null && configuration.hasStores()) {
      line(lines, "waiting", "for the database; " + until(configuration));
    } else if (tables != null) {
      leftOut(lines, tables);
    }
    line(lines, "try it", example(listen, tables, configuration));
    line(lines, "stop it", "Ctrl-C");
    return lines;
  }

  /** What a client meets meanwhile. */
  private static String until(Configuration configuration) {
    if (configuration.everyTable()) {
      return "until its tables are known, keys with a colon are refused";
    }
    return configuration.keyspaces().stream().anyMatch(each -> each.pattern().hasStore())
        ? "until it is there, keys of tables are refused"
        : "mirrors follow when it is there";
  }

  /** Keyspaces without a table. */
  private static void plain(List<String> lines, Configuration configuration, Pattern pattern) {
    List<String> names = new ArrayList<>();
    configuration.keyspaces().stream()
        .filter(keyspace -> keyspace.pattern() == pattern)
        .forEach(keyspace -> names.add(keyspace.name()));
    if (configuration.plain().pattern() == pattern) {
      names.add(names.isEmpty() ? "every other key" : "and every other key");
    }
    if (!names.isEmpty()) {
      line(lines, pattern.word(), String.join(", ", names));
    }
  }

  private static void journal(List<String> lines, Serving serving) {
    Path journal = serving.journal();
    if (journal != null) {
      String durability = serving.configuration().values().show(Settings.DURABILITY);
      line(lines, "journal", journal + ", durability " + durability);
    }
    serving.forgotten().forEach(what -> line(lines, "forgotten", what));
  }

  private static void line(List<String> lines, String what, String text) {
    lines.add(String.format("  %-14s%s", what, text));
  }

  private static void leftOut(List<String> lines, Tables tables) {
    List<String> all = tables.leftOut();
    for (int i = 0; i < Math.min(all.size(), LEFT_OUT_MAX); i++) {
      line(lines, i == 0 ? "left out" : "", all.get(i));
    }
    if (all.size() > LEFT_OUT_MAX) {
      line(
          lines, "", "and " + (all.size() - LEFT_OUT_MAX) + " more: `cachewright init` lists them");
    }
  }

  private static List<String> names(
      Configuration configuration, @Nullable Tables tables, Pattern pattern) {
    List<KeyspaceSettings> all =
        configuration.everyTable() && tables != null
            ? tables.served().stream().map(Served::settings).toList()
            : configuration.keyspaces();
    return all.stream()
        .filter(keyspace -> keyspace.pattern() == pattern)
        .map(keyspace -> keyspace.name() + (keyspace.format() == Format.JSON ? " (json)" : ""))
        .toList();
  }

  private static String shortened(List<String> names, int max) {
    String shown = names.stream().limit(max).collect(Collectors.joining(", "));
    return names.size() > max ? shown + " and " + (names.size() - max) + " more" : shown;
  }

  private static String example(
      Listen listen, @Nullable Tables tables, Configuration configuration) {
    boolean local = listen.host().equals("127.0.0.1") || listen.host().equals("localhost");
    String password = configuration.get(Settings.CLIENT_PASSWORD).isPresent() ? " -a …" : "";
    String client =
        "redis-cli" + (local ? "" : " -h " + listen.host()) + " -p " + listen.port() + password;
    if (tables == null || tables.served().isEmpty()) {
      return client + " SET greeting hello";
    }
    Served first = tables.served().get(0);
    String command = first.settings().format() == Format.JSON ? "GET" : "HGETALL";
    return client + " " + command + " " + first.name() + ":" + keyOf(first.store().table());
  }

  private static String keyOf(Table table) {
    return table.keyColumns().stream()
        .map(
            column ->
                column.type().kind() == io.cachewright.jdbc.type.Kind.INTEGER
                    ? "1"
                    : "<" + column.name() + ">")
        .collect(Collectors.joining(":"));
  }
}
