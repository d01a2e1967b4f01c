// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads tables from SQLite's pragmas, of the main file and those attached to it. */
final class SqliteCatalog {
  private static final String MAIN = "main";

  /** Kinds that have one spelling only: SQLite compares dates and the like by their text. */
  private static final Set<Kind> KEY_KINDS =
      EnumSet.of(Kind.INTEGER, Kind.DECIMAL, Kind.TEXT, Kind.DATE, Kind.UUID);

  private static final int HIDDEN = 1;

  private final Connection connection;

  SqliteCatalog(Connection connection) {
    this.connection = connection;
  }

  private record Found(String schema, String name) {

    String shown() {
      return schema.equals(MAIN) ? Sql.plain(name) : Sql.shown(schema, name);
    }

    /** Made by us for ourselves, and nobody's keyspace. */
    boolean ours() {
      return name.startsWith("cachewright_");
    }
  }

  /** What a pragma answers, a row at a time. */
  private interface Reader {
    void read(ResultSet row) throws SQLException;
  }

  private void each(String sql, List<String> parameters, Reader reader) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.size(); i++) {
        statement.setString(i + 1, parameters.get(i));
      }
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          reader.read(result);
        }
      }
    }
  }

  List<String> tableNames() throws SQLException {
    return found().stream().filter(table -> !table.ours()).map(Found::shown).toList();
  }

  List<Table> tables(@Nullable TableName wanted) throws SQLException {
    List<Found> found = found();
    if (wanted == null) {
      found.removeIf(Found::ours);
    } else {
      found.removeIf(table -> !matches(wanted, table));
      found.sort(Comparator.comparingInt(table -> table.schema().equals(MAIN) ? 0 : 1));
    }
    List<Table> tables = new ArrayList<>();
    for (Found each : found) {
      tables.add(described(each));
    }
    return tables;
  }

  /** SQLite does not tell capitals from small letters in names, quoted or not. */
  private static boolean matches(TableName wanted, Found table) {
    TableName.Part schema = wanted.schema();
    return (schema == null || schema.text().equalsIgnoreCase(table.schema()))
        && wanted.table().text().equalsIgnoreCase(table.name());
  }

  private List<Found> found() throws SQLException {
    List<String> schemas = new ArrayList<>();
    each("select name from pragma_database_list", List.of(), row -> schemas.add(row.getString(1)));
    List<Found> found = new ArrayList<>();
    for (String schema : schemas) {
      if (!schema.equals("temp")) {
        each(
            "select name from "
                + Sql.quoted(schema)
                + ".sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'"
                + " and sql not like 'create virtual%' order by name",
            List.of(),
            row -> found.add(new Found(schema, row.getString(1))));
      }
    }
    return found;
  }

  private Table described(Found found) throws SQLException {
    List<Column> columns = new ArrayList<>();
    Map<Integer, String> key = new TreeMap<>();
    each(
        "select name, type, \"notnull\", dflt_value, pk, hidden from pragma_table_xinfo(?, ?)",
        List.of(found.name(), found.schema()),
        row -> {
          if (row.getInt(6) != HIDDEN) {
            columns.add(column(found, row));
          }
          if (row.getInt(5) > 0) {
            key.put(row.getInt(5), row.getString(1));
          }
        });
    List<ForeignKey> references = foreignKeys(found);
    boolean toItself =
        references.stream().anyMatch(each -> each.parent().equalsIgnoreCase(found.name()));
    Table.Traits traits =
        new Table.Traits(
            found.shown(),
            Sql.quoted(found.schema()) + "." + Sql.quoted(found.name()),
            unusable(found, columns, List.copyOf(key.values())),
            hasTriggers(found),
            toItself || hasOtherUniques(found),
            /* systemColumns= */ false,
            references);
    return new Table(found.schema(), found.name(), columns, List.copyOf(key.values()), traits);
  }

  private static Column column(Found table, ResultSet row) throws SQLException {
    ColumnType type = SqliteTypes.of(row.getString(2));
    return new Column(
        table.shown(),
        row.getString(1),
        type,
        row.getInt(3) == 0,
        row.getString(4) != null,
        /* generated= */ row.getInt(6) > HIDDEN,
        /* identityAlways= */ false);
  }

  private @Nullable String unusable(Found table, List<Column> columns, List<String> key)
      throws SQLException {
    if (key.isEmpty()) {
      return table.shown()
          + " has no primary key, by which its rows could be told apart; declare one,"
          + " such as id INTEGER PRIMARY KEY";
    }
    for (Column column : columns) {
      if (key.contains(column.name()) && !KEY_KINDS.contains(column.type().kind())) {
        return column
            + " is part of the primary key and a "
            + column.type().sqlName()
            + ", which cannot be a cache's key: SQLite stores it in several spellings. Use INTEGER"
            + " or TEXT";
      }
    }
    List<String> collations = new ArrayList<>();
    each(
        "select distinct c.coll from pragma_index_list(?, ?) i,"
            + " pragma_index_xinfo(i.name, ?) c"
            + " where i.origin = 'pk' and c.key and c.coll <> 'BINARY'",
        List.of(table.name(), table.schema(), table.schema()),
        row -> collations.add(row.getString(1)));
    return collations.isEmpty()
        ? null
        : table.shown()
            + " has a primary key of collation "
            + collations.get(0)
            + ", to which different texts are one key; in a cache they would be two. Use BINARY";
  }

  private boolean hasTriggers(Found table) throws SQLException {
    List<String> triggers = new ArrayList<>();
    each(
        "select name from "
            + Sql.quoted(table.schema())
            + ".sqlite_master where type = 'trigger' and lower(tbl_name) = lower(?)",
        List.of(table.name()),
        row -> triggers.add(row.getString(1)));
    return !triggers.isEmpty();
  }

  private boolean hasOtherUniques(Found table) throws SQLException {
    List<String> indexes = new ArrayList<>();
    each(
        "select name from pragma_index_list(?, ?) where \"unique\" and origin <> 'pk'",
        List.of(table.name(), table.schema()),
        row -> indexes.add(row.getString(1)));
    return !indexes.isEmpty();
  }

  private List<ForeignKey> foreignKeys(Found table) throws SQLException {
    record Part(String parent, List<String> columns, List<String> parentColumns) {}
    Map<Integer, Part> parts = new LinkedHashMap<>();
    each(
        "select id, \"table\", \"from\", \"to\" from pragma_foreign_key_list(?, ?)"
            + " order by id, seq",
        List.of(table.name(), table.schema()),
        row -> {
          String parent = row.getString(2);
          Part part =
              parts.computeIfAbsent(
                  row.getInt(1), absent -> new Part(parent, new ArrayList<>(), new ArrayList<>()));
          part.columns().add(row.getString(3));
          if (row.getString(4) != null) {
            part.parentColumns().add(row.getString(4));
          }
        });
    List<ForeignKey> keys = new ArrayList<>();
    for (Part part : parts.values()) {
      // Without columns the parent's primary key is meant.
      List<String> parentColumns =
          part.parentColumns().isEmpty()
              ? keyOf(table.schema(), part.parent())
              : part.parentColumns();
      keys.add(
          new ForeignKey(
              part.columns(),
              table.schema(),
              spelled(table.schema(), part.parent()),
              parentColumns));
    }
    return keys;
  }

  private List<String> keyOf(String schema, String table) throws SQLException {
    List<String> key = new ArrayList<>();
    each(
        "select name from pragma_table_xinfo(?, ?) where pk > 0 order by pk",
        List.of(table, schema),
        row -> key.add(row.getString(1)));
    return key;
  }

  /** The table's name as it was created, whatever letters the foreign key uses. */
  private String spelled(String schema, String table) throws SQLException {
    for (Found each : found()) {
      if (each.schema().equals(schema) && each.name().equalsIgnoreCase(table)) {
        return each.name();
      }
    }
    return table;
  }
}
