// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.schema;

import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.config.Settings;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A configuration as one would begin it, from a schema: for people to read and to change. */
public final class Draft {
  private static final int WIDTH = 100;

  /** What ends a line, or is no part of a text in YAML. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\u2028\\u2029\\uFEFF]");

  private final Schema schema;
  private final Set<String> names = new HashSet<>(Set.of(Settings.PLAIN_KEY));
  private final List<String> lines = new ArrayList<>();

  private Draft(Schema schema) {
    this.schema = schema;
  }

  public static String of(Configuration configuration, DatabaseUrl url, Schema schema) {
    Draft draft = new Draft(schema);
    draft.head(configuration, url);
    draft.keyspaces();
    draft.foot();
    return String.join("\n", draft.lines) + "\n";
  }

  private void head(Configuration configuration, DatabaseUrl url) {
    add("# Written by `cachewright init`. Every setting: docs/configuration.md");
    add("# `cachewright check --config FILE` says whether all is well.");
    add("");
    add("database: " + scalar(url.written()));
    String user = configuration.get(Settings.USER).or(url::user).orElse("");
    if (!user.isEmpty()) {
      add("user: " + scalar(user));
      add("# The password is not written here: set CACHEWRIGHT_PASSWORD, or name a file:");
      add("# password-file: /run/secrets/database");
    }
    add(commented("listen: " + Settings.LISTEN.standardText(), "where Redis clients connect"));
    add(commented("# data: " + Settings.DATA.standardText(), "journal of write-behind keyspaces"));
    add(commented("# durability: " + Settings.DURABILITY.standardText(), "or interval, os"));
    add("");
    add("# What keyspaces have that do not say otherwise. With a ttl, changes that others make in");
    add("# the tables are seen after that time.");
    add("defaults:");
    add("  ttl: 10m");
    add(commented("  max-bytes: 256mb", "most memory for the entries of one keyspace"));
    add(commented("  # write-behind: { max-delay: 500ms }", "how far behind the database may be"));
    add("");
  }

  private void keyspaces() {
    add("# Patterns:");
    add("#   read-through   a miss loads the row; the application writes to the database itself,");
    add("#                  then says DEL (or CW.REFRESH) here");
    add("#   write-through  a miss loads the row; HSET and DEL here are committed in the database");
    add("#                  before they are answered");
    add("#   write-behind   a miss loads the row; HSET and DEL are on disk in the journal when");
    add("#                  they are answered, and in the database a little later, in batches");
    add("#   look-aside     no table behind: plain Redis keys");
    if (schema.usable().isEmpty()) {
      add("keyspaces: {}");
    } else {
      add("keyspaces:");
      schema.usable().forEach(this::keyspace);
    }
    if (!schema.unusable().isEmpty()) {
      add("");
      add("  # These tables cannot be served as they are:");
      for (Table table : schema.unusable()) {
        wrapped("  #   ", String.valueOf(table.unusable()));
        add("  # " + scalar(freeName(table)) + ": { table: " + scalar(schema.nameOf(table)) + " }");
      }
    }
    add("");
  }

  private void keyspace(Table table) {
    String name = freeName(table);
    add("");
    wrapped(
        "  # ",
        table
            + " ("
            + table.columns().stream().map(Draft::described).collect(Collectors.joining(", "))
            + ")");
    String key =
        table.keyColumns().stream()
            .map(column -> "<" + column.name() + ">")
            .collect(Collectors.joining(":"));
    add(commented("  " + scalar(name) + ":", "HGETALL " + name + ":" + key));
    add("    table: " + scalar(schema.nameOf(table)));
    add(commented("    pattern: read-through", "or write-through, write-behind"));
    add(commented("    # format: json", "GET and SET of one JSON document instead of a hash"));
    add(commented("    # refresh-ahead: 80%", "reload what is read before it expires"));
  }

  private void foot() {
    add("# Every other key is a plain Redis key, in memory only.");
    add("plain:");
    add("  max-bytes: 256mb");
  }

  /** The table's own name, or with its schema if another has taken it. */
  private String freeName(Table table) {
    String name = table.name().replaceAll("[:\\s]", "_");
    return names.add(name) ? name : unique((table.schema() + "_" + name).replaceAll("[:\\s]", "_"));
  }

  private String unique(String wanted) {
    String name = wanted;
    for (int i = 2; !names.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  private static String commented(String setting, String comment) {
    return String.format("%-30s # %s", setting, UNSEEN.matcher(comment).replaceAll(" "));
  }

  private static String described(Column column) {
    return column.name() + " " + column.type().sqlName() + (column.nullable() ? "" : " not null");
  }

  private void wrapped(String prefix, String text) {
    StringBuilder line = new StringBuilder(prefix);
    for (String word : UNSEEN.matcher(text).replaceAll(" ").split("\\s+")) {
      if (line.length() + word.length() > WIDTH && line.length() > prefix.length()) {
        add(line.toString().stripTrailing());
        line = new StringBuilder(prefix.stripTrailing()).append("   ");
      }
      line.append(word).append(' ');
    }
    add(line.toString().stripTrailing());
  }

  /** As YAML writes it: bare if it can be nothing else. */
  private static String scalar(String text) {
    if (UNSEEN.matcher(text).find()) {
      String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"");
      return '"' + UNSEEN.matcher(escaped).replaceAll(Draft::numbered) + '"';
    }
    boolean bare =
        text.matches("[A-Za-z_./][A-Za-z0-9_./:@?=&-]*[A-Za-z0-9_]") && !text.contains(": ");
    boolean word = text.matches("(?i)true|false|yes|no|on|off|null|y|n");
    return bare && !word ? text : "'" + text.replace("'", "''") + "'";
  }

  private static String numbered(MatchResult unseen) {
    return String.format("\\\\u%04x", (int) unseen.group().charAt(0));
  }

  private void add(String line) {
    lines.add(line);
  }
}
