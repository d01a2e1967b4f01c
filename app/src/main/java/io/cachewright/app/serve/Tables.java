// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.StoreAwayException;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.KeyspaceSettings;
import io.cachewright.app.config.Nearest;
import io.cachewright.app.config.Problem;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.jdbc.Table;
import io.cachewright.jdbc.TableStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/**
 * Which tables stand behind which keyspaces, as the database says.
 *
 * @param served what can be served
 * @param leftOut tables that cannot be, each with the reason; only if every table was asked for
 * @param problems keyspaces of the configuration that do not fit the database
 */
public record Tables(List<Served> served, List<String> leftOut, List<Problem> problems) {

  /**
   * Asks the database.
   *
   * @throws StoreAwayException if it cannot be reached
   */
  public static Tables find(
      Configuration configuration, JdbcDatabase database, DataSource connections) {
    return configuration.everyTable()
        ? everyTable(configuration, database, defaultSchema(connections))
        : named(configuration, database);
  }

  /** Tables of other schemas must be named: two of them may have tables of one name. */
  private static Tables everyTable(
      Configuration configuration, JdbcDatabase database, String schema) {
    List<Served> served = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    Set<String> others = new HashSet<>();
    for (Table table : database.tables()) {
      String unusable = table.unusable();
      if (!table.schema().equals(schema)) {
        others.add(table.schema());
      } else if (unusable != null) {
        leftOut.add(unusable);
      } else if (table.name().matches(".*[:\\s].*")) {
        leftOut.add(
            table + " has a colon or a space in its name; name it in the configuration by `table`");
      } else if (table.name().equals(Settings.PLAIN_KEY)) {
        leftOut.add(
            table
                + " has the name of the keyspace of plain keys; name it in the configuration by"
                + " `table`, under another name");
      } else {
        String quoted = quoted(table.schema()) + "." + quoted(table.name());
        served.add(new Served(configuration.keyspaceOf(table.name()), database.table(quoted)));
      }
    }
    if (!others.isEmpty()) {
      leftOut.add(
          "other schemas ("
              + String.join(", ", others.stream().sorted().toList())
              + "): name their tables in the configuration");
    }
    return new Tables(served, leftOut, List.of());
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String defaultSchema(DataSource connections) {
    try (Connection connection = connections.getConnection()) {
      String schema = connection.getSchema();
      return schema == null ? "main" : schema; // SQLite has no answer
    } catch (SQLException e) {
      throw new StoreAwayException("no connection to the database: " + e.getMessage(), e);
    }
  }

  private static Tables named(Configuration configuration, JdbcDatabase database) {
    List<Served> served = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    for (KeyspaceSettings keyspace : configuration.keyspaces()) {
      if (!keyspace.pattern().hasStore()) {
        continue;
      }
      try {
        TableStore store = database.table(keyspace.table());
        List<Problem> its = columnProblems(keyspace, store.table());
        served.stream()
            .filter(other -> other.store().equals(store))
            .forEach(other -> its.add(twice(keyspace, other)));
        problems.addAll(its);
        if (its.isEmpty()) {
          served.add(new Served(keyspace, store));
        }
      } catch (ConfigurationException e) {
        problems.add(problem(keyspace, e));
      }
    }
    return new Tables(served, List.of(), problems);
  }

  /** Under names of which only the database could say that they are of one table. */
  private static Problem twice(KeyspaceSettings keyspace, Served other) {
    return new Problem(
        keyspace.tableWhere(),
        String.format(
            "keyspace %s: table %s is already behind keyspace %s; two caches of one table would"
                + " not see each other's writes",
            keyspace.name(), other.store().table(), other.name()));
  }

  private static Problem problem(KeyspaceSettings keyspace, CacheException error) {
    return new Problem(
        keyspace.tableWhere(), "keyspace " + keyspace.name() + ": " + error.getMessage());
  }

  private static List<Problem> columnProblems(KeyspaceSettings keyspace, Table table) {
    List<Problem> problems = new ArrayList<>();
    missing(Settings.COLUMNS, keyspace, table, problems);
    missing(Settings.ADDITIVE, keyspace, table, problems);
    for (Column column : table.columns()) {
      String reason = table.notAdditive(column);
      if (reason != null && keyspace.additive().contains(column.name())) {
        problems.add(
            new Problem(
                keyspace.values().originOf(Settings.ADDITIVE),
                "keyspace " + keyspace.name() + ", additive: " + reason));
      }
    }
    return problems;
  }

  private static void missing(
      Setting<List<String>> names, KeyspaceSettings keyspace, Table table, List<Problem> problems) {
    List<String> there = table.columns().stream().map(Column::name).toList();
    for (String column : keyspace.values().get(names)) {
      if (!there.contains(column)) {
        problems.add(
            new Problem(
                keyspace.values().originOf(names),
                "keyspace "
                    + keyspace.name()
                    + ": table "
                    + table
                    + " has no column "
                    + column
                    + Nearest.asQuestion(column, there)
                    + "; it has "
                    + String.join(", ", there)));
      }
    }
  }
}
