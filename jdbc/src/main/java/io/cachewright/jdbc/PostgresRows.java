// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Some columns of some changes as the rows of a subquery {@code u}, those of the key first. */
final class PostgresRows {
  private final Table table;
  private final List<Column> columns;
  private final List<PostgresVector> vectors = new ArrayList<>();
  private final int size;

  PostgresRows(Table table, int[] places, List<Run.Item> items) {
    this.table = table;
    this.columns = IntStream.of(places).mapToObj(table.columns()::get).toList();
    this.size = items.size();
    @Nullable Object[][] values = new Object[places.length][size];
    for (int row = 0; row < size; row++) { // row by row, since each row is somewhere else in memory
      Run.Item item = items.get(row);
      for (int i = 0; i < places.length; i++) {
        values[i][row] = item.value(places[i]);
      }
    }
    for (int i = 0; i < places.length; i++) {
      vectors.add(PostgresVector.of(columns.get(i), Arrays.asList(values[i])));
    }
  }

  List<Column> columns() {
    return columns;
  }

  /** {@code (select unnest(?::int8[]) as c0, …) as u}. */
  String source() {
    return "(select " + arrays() + ") as u";
  }

  /** The same with the place of each row, from 0 on. */
  String numberedSource() {
    return "(select " + arrays() + ", generate_series(0, " + (size - 1) + ") as place) as u";
  }

  private String arrays() {
    return IntStream.range(0, vectors.size())
        .mapToObj(i -> vectors.get(i).source("c" + i))
        .collect(Collectors.joining(", "));
  }

  /** The column's value in a row of {@code u}. */
  String value(int column) {
    return vectors.get(column).value("u.c" + column);
  }

  String values() {
    return IntStream.range(0, vectors.size())
        .mapToObj(this::value)
        .collect(Collectors.joining(", "));
  }

  /** Whether {@code t} is the row with the key of {@code u}. */
  String keyIs() {
    List<Column> keys = table.keyColumns();
    return IntStream.range(0, keys.size())
        .mapToObj(i -> "t." + Sql.quoted(keys.get(i).name()) + " = " + value(i))
        .collect(Collectors.joining(" and "));
  }

  int update(Session session, String sql) throws SQLException {
    try (PreparedStatement statement = session.prepare(sql)) {
      bind(statement);
      return session.update(statement);
    }
  }

  /** Those rows of {@code u} that a query answers with. */
  List<Integer> places(Session session, String sql) throws SQLException {
    try (PreparedStatement statement = session.prepare(sql)) {
      bind(statement);
      List<Integer> places = new ArrayList<>();
      try (ResultSet result = session.query(statement)) {
        while (result.next()) {
          places.add(result.getInt(1));
        }
      }
      return places;
    }
  }

  private void bind(PreparedStatement statement) throws SQLException {
    int index = 1;
    for (PostgresVector vector : vectors) {
      index = vector.bind(statement, index);
    }
  }
}
