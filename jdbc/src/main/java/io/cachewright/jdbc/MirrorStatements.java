// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.Kind;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Statements about a table that may not be there.
 *
 * @param name as it is in statements
 */
record MirrorStatements(Dialect dialect, TableName name, MirrorShape<?, ?> shape) {

  String table() {
    String table = Sql.quoted(name.table().made());
    TableName.Part schema = name.schema();
    return schema == null ? table : Sql.quoted(schema.made()) + "." + table;
  }

  String type(Kind kind) {
    return dialect.typeOf(kind);
  }

  private String column(MirrorColumn column) {
    return Sql.quoted(column.name())
        + " "
        + type(column.kind())
        + (column.key() ? " not null" : "");
  }

  String addColumn(MirrorColumn column) {
    return "alter table " + table() + " add column " + column(column) + ";";
  }

  /** The table, and an index by which what has expired is found. */
  List<String> create() {
    String columns =
        MirrorTable.all(shape).stream().map(this::column).collect(Collectors.joining(", "));
    String key =
        MirrorTable.keyOf(shape).stream()
            .map(column -> Sql.quoted(column.name()))
            .collect(Collectors.joining(", "));
    return List.of(
        "create table " + table() + " (" + columns + ", primary key (" + key + "));",
        String.format(
            "create index %s (%s) where %s is not null;",
            dialect.indexOn(name, MirrorShape.EXPIRES_AT),
            MirrorShape.EXPIRES_AT,
            MirrorShape.EXPIRES_AT));
  }
}
