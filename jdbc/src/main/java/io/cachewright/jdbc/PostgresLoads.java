// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The SELECTs of one table by its key: one text for one key, one for any number of them. */
final class PostgresLoads {
  private final Table table;
  private final String one;
  private final String many;

  PostgresLoads(Table table) {
    this.table = table;
    String select =
        "select " + PostgresWire.asked(table.columns()) + " from " + table.traits().sql() + " as t";
    this.one = select + " where " + PostgresStatements.keyIs(table, "?");
    this.many = select + many(table);
  }

  private static String many(Table table) {
    List<Column> keys = table.keyColumns();
    if (keys.size() == 1) {
      Column key = keys.get(0);
      String cast = PostgresWire.cast(key.type());
      String type = cast.isEmpty() ? "::" + PostgresWire.of(key.type()).typeName() : cast;
      return " where t." + Sql.quoted(key.name()) + " = any(?" + type + "[])";
    }
    String names =
        IntStream.range(0, keys.size()).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
    return " join "
        + PostgresStatements.unnest(keys)
        + " as u("
        + names
        + ") on "
        + PostgresStatements.keyIs(table, "u");
  }

  void run(Session session, List<Object> keys, Map<Object, Row> rows) throws SQLException {
    try (PreparedStatement statement = session.prepare(keys.size() == 1 ? one : many)) {
      List<Column> columns = table.keyColumns();
      for (int i = 0; i < columns.size(); i++) {
        PostgresWire wire = PostgresWire.of(columns.get(i).type());
        if (keys.size() == 1) {
          wire.bind(statement, i + 1, table.keyValue(keys.get(0), i), columns.get(i).type());
        } else {
          List<Object> values = new ArrayList<>(keys.size());
          for (Object key : keys) {
            values.add(table.keyValue(key, i));
          }
          statement.setArray(
              i + 1, wire.array(session.connection(), values, columns.get(i).type()));
        }
      }
      try (ResultSet result = session.query(statement)) {
        while (result.next()) {
          @Nullable Object[] values = row(table, result);
          rows.put(table.keyOf(values), Row.ofAll(table.rowColumns(), values));
        }
      }
    }
  }

  /** The columns of a row, from the result's first column on. */
  static @Nullable Object[] row(Table table, ResultSet result) throws SQLException {
    List<Column> columns = table.columns();
    @Nullable Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = PostgresWire.read(result, i + 1, columns.get(i).type());
    }
    return values;
  }
}
