// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.Increment;
import io.cachewright.jdbc.type.ColumnType;
import java.math.BigDecimal;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A column of a table. Its methods are the door: what passes them, the column can hold (but for
 * constraints and foreign keys, which only the database can check). Their errors name table, column
 * and value.
 *
 * @param table the table's name, as errors show it
 * @param nullable whether it can be NULL
 * @param hasDefault whether an INSERT may leave it out although it is not nullable
 * @param generated whether the database computes it, so that it is read and never written
 * @param identityAlways whether it is {@code generated always as identity}: written only as a key
 */
public record Column(
    String table,
    String name,
    ColumnType type,
    boolean nullable,
    boolean hasDefault,
    boolean generated,
    boolean identityAlways) {

  /** The canonical value of one given from Java, or an increment by one; null is NULL. */
  public @Nullable Object check(@Nullable Object value) {
    if (value == null) {
      if (!nullable) {
        throw new BadValueException(this + " cannot be NULL");
      }
      return null;
    }
    return value instanceof Increment increment
        ? checkedIncrement(increment)
        : named(() -> type.check(value));
  }

  /** What it adds must be a value of the column's, since it is inserted where there is no row. */
  private Increment checkedIncrement(Increment increment) {
    return switch (type.kind()) {
      case INTEGER -> Increment.of((Long) named(() -> type.check(increment.by())));
      case DECIMAL -> Increment.of((BigDecimal) named(() -> type.check(increment.by())));
      default ->
          throw new BadValueException(
              String.format(
                  "%s is a %s; the increment %s goes with integer and numeric columns only",
                  this, type.sqlName(), increment));
    };
  }

  /** The canonical value that this text means. */
  public Object parse(String text) {
    return named(() -> type.parse(text));
  }

  /** As {@link #parse(String)}, of UTF-8; bytes are taken raw. */
  public Object parse(byte[] text) {
    return named(() -> type.parse(text));
  }

  /** The value as text, as Postgres prints it. */
  public String print(Object value) {
    return type.print(value);
  }

  /** As {@link #print}, in UTF-8; bytes are returned raw. */
  public byte[] printBytes(Object value) {
    return type.printBytes(value);
  }

  /** Whether an INSERT must name it. */
  boolean isRequired() {
    return !nullable && !hasDefault && !generated;
  }

  private Object named(Supplier<Object> conversion) {
    try {
      return conversion.get();
    } catch (BadValueException e) {
      throw new BadValueException(this + ": " + e.getMessage(), e.getCause());
    }
  }

  /** Table and column, as errors name it. */
  @Override
  public String toString() {
    return table + "." + name;
  }
}
