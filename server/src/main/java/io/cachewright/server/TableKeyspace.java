// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.BadValueException;
import io.cachewright.Row;
import io.cachewright.engine.Space;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.Table;
import io.cachewright.server.Plan.Spot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A keyspace over a table: the key {@code users:42} is the row of {@code users} with the key 42.
 * What comes through here has passed the columns' checks, so that a bad value is the client's
 * error.
 */
final class TableKeyspace implements Target {
  private final String name;
  private final Catalog.Format format;
  private final Space<Object, Row> space;
  private final Table table;
  private final Set<Column> additive;
  private final JsonRows json;
  private final int prefix;

  /**
   * @param additive columns to which others add, too
   */
  TableKeyspace(
      String name,
      Catalog.Format format,
      Space<Object, Row> space,
      Table table,
      Set<Column> additive) {
    this.name = name;
    this.format = format;
    this.space = space;
    this.table = table;
    this.additive = Set.copyOf(additive);
    this.json = new JsonRows(this);
    this.prefix = name.getBytes(StandardCharsets.UTF_8).length + 1;
  }

  @Override
  public String name() {
    return name;
  }

  Catalog.Format format() {
    return format;
  }

  Space<Object, Row> space() {
    return space;
  }

  Table table() {
    return table;
  }

  JsonRows json() {
    return json;
  }

  ErrorReply wrongFormat(String command) {
    return new ErrorReply(
        "WRONGTYPE keyspace "
            + name
            + " has rows of "
            + table
            + " as "
            + (format == Catalog.Format.HASH
                ? "hashes: use HGET, HSET, HGETALL and the like, not "
                : "JSON documents: use GET, SET, MGET, MSET, not ")
            + command.toUpperCase(Locale.ROOT));
  }

  /** The row of this key, which begins with the keyspace's name and a colon. */
  Object rowKey(byte[] key) {
    return table.parseKey(new String(key, prefix, key.length - prefix, StandardCharsets.UTF_8));
  }

  Spot spot(byte[] key) {
    return new Spot(space, rowKey(key));
  }

  /** The Redis key of a row. */
  String redisKey(Object key) {
    return name + ":" + table.printKey(key);
  }

  Column column(byte[] field) {
    return table.column(new String(field, StandardCharsets.UTF_8));
  }

  /** Whether what is added to the column is written as such, and not as the sum. */
  boolean isAdditive(Column column) {
    return additive.contains(column);
  }

  /** A row that says something of one column more. A key column may only say what the key says. */
  Row with(Row row, Object key, Column column, @Nullable Object value) {
    List<Column> keyColumns = table.keyColumns();
    int part = keyColumns.indexOf(column);
    if (part < 0) {
      return row.with(column.name(), value);
    }
    Object own = keyPart(key, part);
    if (value == null || !column.print(value).equals(column.print(own))) {
      throw new BadValueException(
          column + " is part of the key and stays " + column.print(own) + " in " + redisKey(key));
    }
    return row;
  }

  private Object keyPart(Object key, int part) {
    return table.keyColumns().size() == 1 ? key : ((List<?>) key).get(part);
  }

  /**
   * A row that says nothing yet but, if it may be shown before the database has seen it, what the
   * key says: so that one which names all other columns is known to be all there is.
   */
  Row patch(Object key) {
    Row row = Row.empty(table.rowColumns());
    if (space.isLogged()) {
      for (int part = 0; part < table.keyColumns().size(); part++) {
        row = row.with(table.keyColumns().get(part).name(), keyPart(key, part));
      }
    }
    return row;
  }

  /** The column's value as text; null if it is NULL. */
  static byte @Nullable [] print(Row row, Column column) {
    Object value = row.get(column.name());
    return value == null ? null : column.printBytes(value);
  }

  /** How many columns are not NULL. */
  static int size(Row row) {
    int size = 0;
    for (int i = 0; i < row.columns().size(); i++) {
      size += row.get(i) == null ? 0 : 1;
    }
    return size;
  }
}
