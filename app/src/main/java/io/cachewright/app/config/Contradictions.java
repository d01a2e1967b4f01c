// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import io.cachewright.Pattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Settings that are each sound and cannot go together. */
final class Contradictions {
  /** What means something only where a table is behind. */
  private static final List<Setting<?>> OF_TABLES =
      List.of(
          Settings.TABLE,
          Settings.FORMAT,
          Settings.COLUMNS,
          Settings.NEGATIVE_TTL,
          Settings.REFRESH_AHEAD,
          Settings.LOAD_BATCH);

  private final List<Problem> problems = new ArrayList<>();
  private final boolean sqlite;

  private Contradictions(boolean sqlite) {
    this.sqlite = sqlite;
  }

  static List<Problem> in(Configuration configuration) {
    boolean sqlite =
        configuration
            .get(Settings.DATABASE)
            .map(url -> url.kind() == DatabaseUrl.Kind.SQLITE)
            .orElse(false);
    Contradictions found = new Contradictions(sqlite);
    found.passwords(configuration.values());
    Map<String, KeyspaceSettings> byTable = new HashMap<>();
    for (KeyspaceSettings keyspace : configuration.keyspaces()) {
      found.writeBehind(keyspace);
      found.mirror(keyspace, configuration.values());
      found.additive(keyspace);
      found.name(keyspace);
      found.table(keyspace, byTable);
      if (keyspace.pattern().hasStore()) { // of others it has been told that it means nothing
        found.refreshAhead(keyspace.values());
      }
    }
    if (configuration.keyspaces().isEmpty()) {
      Values defaults = configuration.defaults();
      found.refreshAhead(defaults);
    }
    found.plain(configuration.plain().values());
    return found.problems;
  }

  private void passwords(Values values) {
    if (values.get(Settings.PASSWORD).isPresent()
        && values.get(Settings.PASSWORD_FILE).isPresent()
        && values.originOf(Settings.PASSWORD).rank()
            == values.originOf(Settings.PASSWORD_FILE).rank()) {
      report(
          values.originOf(Settings.PASSWORD_FILE),
          "password and password-file are both given; leave one out");
    }
    if (values.get(Settings.STATEMENT_TIMEOUT).toMillis() % 1_000 != 0) {
      report(
          values.originOf(Settings.STATEMENT_TIMEOUT),
          "statement-timeout must be whole seconds, was "
              + values.show(Settings.STATEMENT_TIMEOUT));
    }
  }

  private void writeBehind(KeyspaceSettings keyspace) {
    for (Setting<?> setting : Settings.ALL) {
      if (setting.group().equals(Settings.WRITE_BEHIND_GROUP)
          && keyspace.values().has(setting)
          && keyspace.pattern() != Pattern.WRITE_BEHIND) {
        report(
            keyspace.values().originOf(setting),
            setting
                + " means nothing under "
                + keyspace.pattern().word()
                + ", where no change waits for a database; leave it out, or choose pattern:"
                + " write-behind");
      }
    }
  }

  private void additive(KeyspaceSettings keyspace) {
    Origin where = keyspace.values().originOf(Settings.ADDITIVE);
    if (keyspace.additive().isEmpty()) {
      return;
    } else if (!keyspace.pattern().writesStore()) {
      report(
          where,
          "additive means nothing under "
              + keyspace.pattern().word()
              + ", which writes no table; leave it out, or choose write-through or write-behind");
    } else if (keyspace.format() != Format.HASH) {
      report(
          where,
          "additive means nothing with format: "
              + keyspace.format().word()
              + ", for HINCRBY is a command on hashes; leave it out, or choose format: hash");
    }
  }

  private void mirror(KeyspaceSettings keyspace, Values top) {
    for (Setting<?> setting : List.of(Settings.MIRROR_TABLE, Settings.MIRROR_EVERY)) {
      boolean has = keyspace.values().has(setting);
      if (has && !keyspace.pattern().isRecord()) {
        report(
            keyspace.values().originOf(setting),
            setting
                + " means nothing under "
                + keyspace.pattern().word()
                + ": only a record keyspace can be mirrored");
      } else if (has && top.get(Settings.DATABASE).isEmpty()) {
        report(
            keyspace.values().originOf(setting),
            setting + " needs a database: give `database`, or leave the mirror out");
      }
    }
  }

  private void table(KeyspaceSettings keyspace, Map<String, KeyspaceSettings> byTable) {
    if (!keyspace.pattern().hasStore()) {
      if (keyspace.isMirrored()) {
        oneFor(
            keyspace,
            keyspace.mirrorTable(),
            keyspace.values().originOf(Settings.MIRROR_TABLE),
            byTable);
      }
      for (Setting<?> setting : OF_TABLES) {
        if (keyspace.values().has(setting)) {
          report(
              keyspace.values().originOf(setting),
              setting
                  + " means nothing under "
                  + keyspace.pattern().word()
                  + ", which has no table behind; leave it out, or choose read-through,"
                  + " write-through or write-behind");
        }
      }
      return;
    }
    oneFor(keyspace, keyspace.table(), keyspace.tableWhere(), byTable);
  }

  /**
   * A table is one keyspace's, or one mirror's. Of two keyspaces whose tables are written otherwise
   * the database says whether it is one; to mirrors nobody would.
   */
  private void oneFor(
      KeyspaceSettings keyspace,
      String table,
      Origin where,
      Map<String, KeyspaceSettings> byTable) {
    KeyspaceSettings before = byTable.putIfAbsent(TableIdentity.of(table, sqlite), keyspace);
    if (before == null) {
      return;
    }
    boolean afterMirror = !before.pattern().hasStore();
    boolean isMirror = !keyspace.pattern().hasStore();
    if (afterMirror || isMirror || table.equalsIgnoreCase(before.table())) {
      report(
          where,
          String.format(
              "table %s is already %s keyspace %s (%s); %s",
              table,
              afterMirror ? "the mirror of" : "behind",
              before.name(),
              before.where(),
              isMirror && afterMirror
                  ? "each would delete the other's rows"
                  : isMirror || afterMirror
                      ? "a mirror deletes rows that it has not written"
                      : "two caches of one table would not see each other's writes"));
    }
  }

  private void name(KeyspaceSettings keyspace) {
    if (keyspace.name().equals(Settings.PLAIN_KEY)) {
      report(
          keyspace.where(),
          "plain is the keyspace of plain keys, whose settings are under `plain` at the top; give"
              + " this one another name, and `table: plain` if that is what it is");
    }
  }

  private void refreshAhead(Values values) {
    if (values.get(Settings.REFRESH_AHEAD).isPresent() && values.get(Settings.TTL).isEmpty()) {
      report(
          values.originOf(Settings.REFRESH_AHEAD),
          "refresh-ahead needs a ttl, for it is a part of it");
    }
  }

  private void plain(Values values) {
    if (values.get(Settings.PATTERN).hasStore()) {
      report(
          values.originOf(Settings.PATTERN),
          "plain keys have no table, so that their pattern can only be look-aside or record; name a"
              + " keyspace for the table");
    }
  }

  private void report(Origin where, String message) {
    problems.add(new Problem(where, message));
  }
}
