// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.Columns;
import io.cachewright.jdbc.type.IntegerType;
import io.cachewright.jdbc.type.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as the database's catalog describes it. Immutable: a later change of the table is not
 * seen.
 *
 * <p>The key of one column is that column's canonical value; a key of several is an unmodifiable
 * {@code List} of them, in the order of the primary key.
 */
public final class Table {
  private final String schema;
  private final String name;
  private final List<Column> columns;
  private final List<Column> keyColumns;
  private final int[] keyIndexes;
  private final Columns rowColumns;
  private final Traits traits;

  /** The type of a key that is one integer, as most are; null of any other. */
  private final @Nullable IntegerType integerKey;

  /**
   * What only the statements need to know.
   *
   * @param shown the name in errors: {@code public.users}
   * @param sql the name in statements, quoted
   * @param unusable why no keyspace can be laid over the table, and what to do; null if one can
   * @param afterTriggers whether triggers may change a row after RETURNING has answered
   * @param ordered whether two rows can be in each other's way although their keys differ, so that
   *     changes of different keys must keep their order
   * @param systemColumns whether Postgres's {@code xmax} can be asked for
   */
  record Traits(
      String shown,
      String sql,
      @Nullable String unusable,
      boolean afterTriggers,
      boolean ordered,
      boolean systemColumns,
      List<ForeignKey> foreignKeys) {}

  Table(String schema, String name, List<Column> columns, List<String> key, Traits traits) {
    this.schema = schema;
    this.name = name;
    this.columns = List.copyOf(columns);
    this.rowColumns = Columns.of(columns.stream().map(Column::name).toList());
    this.keyIndexes = key.stream().mapToInt(rowColumns::indexOf).toArray();
    this.keyColumns = key.stream().map(each -> columns.get(rowColumns.indexOf(each))).toList();
    this.traits = traits;
    this.integerKey =
        keyColumns.size() == 1 && keyColumns.get(0).type() instanceof IntegerType integers
            ? integers
            : null;
  }

  /** Where the table is: in SQLite {@code main} if not in another file. */
  public String schema() {
    return schema;
  }

  /** The bare name, unquoted. */
  public String name() {
    return name;
  }

  public List<Column> columns() {
    return columns;
  }

  /** The columns of the primary key, in its order; none if there is no primary key. */
  public List<Column> keyColumns() {
    return keyColumns;
  }

  /** What the table's {@link io.cachewright.Row}s have. */
  public Columns rowColumns() {
    return rowColumns;
  }

  public List<ForeignKey> foreignKeys() {
    return traits.foreignKeys();
  }

  /** Why no keyspace can be laid over the table, and what to do about it; null if one can. */
  public @Nullable String unusable() {
    return traits.unusable();
  }

  /**
   * The column of this name.
   *
   * @throws BadValueException if there is none; names those there are
   */
  public Column column(String column) {
    int index = rowColumns.indexOf(column);
    if (index < 0) {
      throw new BadValueException(
          this + " has no column " + column + "; it has " + String.join(", ", rowColumns.names()));
    }
    return columns.get(index);
  }

  /** Whether a put can name the column: not if the database alone gives it its value. */
  public boolean isWritable(Column column) {
    return !column.generated() && (!column.identityAlways() || keyColumns.contains(column));
  }

  /** Why a put cannot have an increment for the column; null if it can. */
  public @Nullable String notAdditive(Column column) {
    Kind kind = column.type().kind();
    if (kind != Kind.INTEGER && kind != Kind.DECIMAL) {
      return column
          + " is a "
          + column.type().sqlName()
          + "; increments go with integer and numeric columns only";
    } else if (keyColumns.contains(column)) {
      return column + " is part of the key, which cannot grow";
    }
    return isWritable(column) ? null : column + " has its values from the database alone";
  }

  /** The key that these texts mean, one for each column of the primary key. */
  public Object key(List<String> parts) {
    if (parts.size() != keyColumns.size()) {
      throw notAKey(String.join(":", parts));
    }
    List<Object> values = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      values.add(keyValue(i, keyColumns.get(i).parse(parts.get(i))));
    }
    return asKey(values);
  }

  /** The key that this text means: {@code 42}; of several columns {@code 17:3}. */
  public Object parseKey(String text) {
    List<String> parts = KeyText.split(text, keyColumns.size());
    if (parts.size() != keyColumns.size()) {
      throw notAKey(text);
    }
    return key(parts);
  }

  /** As {@link #parseKey(String)}, of UTF-8 from this byte on. */
  public Object parseKey(byte[] text, int from) {
    Long number = integerKey == null ? null : integerKey.quick(text, from);
    return number != null ? number : parseKey(KeyText.ofUtf8(text, from));
  }

  /**
   * The text that {@link #parseKey(String)} takes. A colon or percent sign in it is
   * percent-encoded.
   */
  public String printKey(Object key) {
    List<?> values = keyValues(key);
    List<String> parts = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      parts.add(keyColumns.get(i).print(values.get(i)));
    }
    return KeyText.join(parts);
  }

  /** The canonical key of one given from Java: a value, or a {@code List} of several. */
  public Object checkKey(Object key) {
    // On the way of every hit: no object is made, and of the commonest key only the range is
    // checked.
    if (integerKey != null && key instanceof Long number && integerKey.holds(number)) {
      return number;
    } else if (keyColumns.size() == 1) {
      return checkedPart(0, key);
    }
    if (!(key instanceof List<?> given) || given.size() != keyColumns.size()) {
      throw notAKey(String.valueOf(key));
    }
    List<Object> values = new ArrayList<>(given.size());
    for (int i = 0; i < given.size(); i++) {
      values.add(checkedPart(i, given.get(i)));
    }
    return asKey(values);
  }

  private Object checkedPart(int index, @Nullable Object value) {
    Object checked = value == null ? null : keyColumns.get(index).check(value);
    if (checked == null) {
      throw new BadValueException(keyColumns.get(index) + " is part of the key and cannot be NULL");
    }
    return keyValue(index, checked);
  }

  // ---- for the statements ----

  Traits traits() {
    return traits;
  }

  int[] keyIndexes() {
    return keyIndexes;
  }

  boolean isKey(int index) {
    for (int each : keyIndexes) {
      if (each == index) {
        return true;
      }
    }
    return false;
  }

  /** The key of a row read from the database. */
  Object keyOf(@Nullable Object[] row) {
    if (keyIndexes.length == 1) {
      return partOf(row, 0);
    }
    List<Object> values = new ArrayList<>(keyIndexes.length);
    for (int i = 0; i < keyIndexes.length; i++) {
      values.add(partOf(row, i));
    }
    return asKey(values);
  }

  /** SQLite alone has NULL in a primary key; no key of ours finds such a row. */
  private Object partOf(@Nullable Object[] row, int index) {
    Object value = row[keyIndexes[index]];
    return value == null ? "NULL" : keyValue(index, value);
  }

  Object keyValue(Object key, int index) {
    return keyColumns.size() == 1 ? key : ((List<?>) key).get(index);
  }

  private List<?> keyValues(Object key) {
    return keyColumns.size() == 1 ? Collections.singletonList(key) : (List<?>) key;
  }

  private static Object asKey(List<Object> values) {
    return values.size() == 1 ? values.get(0) : Collections.unmodifiableList(values);
  }

  /**
   * 1.5 and 1.50 are one key to the database, and so they must be here, where keys are compared.
   */
  private Object keyValue(int index, Object value) {
    if (keyColumns.get(index).type().kind() == Kind.DECIMAL
        && value instanceof BigDecimal decimal) {
      BigDecimal stripped = decimal.stripTrailingZeros();
      return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
    return value;
  }

  private BadValueException notAKey(String text) {
    String wanted =
        keyColumns.stream()
            .map(column -> column.name() + " (" + column.type().sqlName() + ")")
            .collect(Collectors.joining(", "));
    String example = keyColumns.size() == 1 ? "" : ", joined by colons";
    return new BadValueException(
        "'" + text + "' is no key of " + this + "; its key is " + wanted + example);
  }

  @Override
  public String toString() {
    return traits.shown();
  }
}
