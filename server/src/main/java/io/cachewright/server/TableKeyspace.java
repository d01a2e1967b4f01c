// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.BadValueException;
import io.cachewright.Row;
import io.cachewright.engine.Space;
import io.cachewright.jdbc.Column;
import io.cachewright.jdbc.Table;
import io.cachewright.server.Plan.Spot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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

  /** The columns' names as clients send them, by place. */
  private final byte[][] fields;

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
    this.fields =
        table.columns().stream()
            .map(column -> column.name().getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new);
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
    return table.parseKey(key, prefix);
  }

  Spot spot(byte[] key) {
    return new Spot(space, rowKey(key));
  }

  /** The Redis key of a row. */
  String redisKey(Object key) {
    return name + ":" + table.printKey(key);
  }

  /**
   * @throws BadValueException if there is none of this name
   */
  Column column(byte[] field) {
    for (int place = 0; place < fields.length; place++) { // makes no text of a few bytes
      if (Arrays.equals(fields[place], field)) {
        return table.columns().get(place);
      }
    }
    return table.column(new String(field, StandardCharsets.UTF_8)); // says which there are
  }

  /**
   * A column to be written.
   *
   * @throws BadValueException if there is none of this name, or the database alone writes it
   */
  Column writable(byte[] field) {
    Column column = column(field);
    if (!table.isWritable(column)) {
      throw new BadValueException(column + " has its values from the database alone: leave it out");
    }
    return column;
  }

  /** Whether what is added to the column is written as such, and not as the sum. */
  boolean isAdditive(Column column) {
    return additive.contains(column);
  }

  /**
   * A row that says nothing yet but what the key says: for it may be shown before the database has
   * seen it, under write-behind and inside MULTI; and one which names all other columns is known to
   * be all there is.
   */
  RowPatch patch(Object key) {
    return new RowPatch(this, key);
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
