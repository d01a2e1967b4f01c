// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Pieces of statements that all dialects write alike. */
final class Sql {
  private Sql() {}

  /** As a literal. */
  static String text(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  static String quoted(Collection<Column> columns) {
    return columns.stream().map(column -> quoted(column.name())).collect(Collectors.joining(", "));
  }

  /**
   * What PostgreSQL is to set a column of the table called {@code t} to: this value, or the sum
   * with it.
   */
  static String sumOrValue(Run.Shape shape, int place, String value) {
    String column = quoted(shape.table().columns().get(place).name());
    return shape.adds(place) ? "coalesce(t." + column + ", 0) + " + value : value;
  }

  /** The name as an error shows it: in quotes only if it needs them. */
  static String shown(String schema, String name) {
    return plain(schema) + "." + plain(name);
  }

  static String plain(String name) {
    return name.matches("[a-z_][a-z0-9_$]*") ? name : quoted(name);
  }

  /** The columns an INSERT names: those of the key, then those of the shape. */
  static List<Integer> inserted(Run.Shape shape) {
    List<Integer> places = new java.util.ArrayList<>();
    for (int key : shape.table().keyIndexes()) {
      places.add(key);
    }
    shape.columns().stream().forEach(places::add);
    return places;
  }
}
