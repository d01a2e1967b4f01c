// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values of some of a table's columns. Immutable, and so must be the values put in.
 *
 * <p>A column is in one of three states: it has a value, it is NULL, or it is <em>absent</em>: this
 * row says nothing of it. A write touches exactly the columns that are not absent (P9); a loaded
 * row has none absent.
 *
 * <p>Values are of one Java type per kind of column: {@code Long} (all integers), {@code
 * BigDecimal}, {@code Double}, {@code Float}, {@code Boolean}, {@code String} (text, JSON, enums
 * and every type that has no better one), {@code LocalDate}, {@code LocalTime}, {@code
 * LocalDateTime}, {@code OffsetDateTime} (in UTC), {@code UUID}, {@code byte[]} (not to be
 * changed), and {@code List} of these for arrays. What is put may have an {@link Increment} in
 * place of a number.
 */
public final class Row {
  private static final Object ABSENT =
      new Object() {
        @Override
        public String toString() {
          return "absent";
        }
      };
  private static final int BYTES_PER_ROW = 48;
  private static final int BYTES_PER_REFERENCE = 8;

  private final Columns columns;
  private final @Nullable Object[] values;
  private final boolean increments;

  private Row(Columns columns, @Nullable Object[] values) {
    this.columns = columns;
    this.values = values;
    this.increments = hasIncrement(values);
  }

  private static boolean hasIncrement(@Nullable Object[] values) {
    for (Object value : values) {
      if (value instanceof Increment) {
        return true;
      }
    }
    return false;
  }

  /** A row that says nothing of any column. Add to it by {@link #with}. */
  public static Row empty(Columns columns) {
    return builder(columns).build();
  }

  /** Makes a row of several columns; the others are absent. */
  public static Builder builder(Columns columns) {
    return new Builder(columns);
  }

  /** A row in the making. Of one thread, and of one row. */
  public static final class Builder {
    private final Columns columns;
    private final @Nullable Object[] values;
    private boolean built;

    private Builder(Columns columns) {
      this.columns = columns;
      this.values = new Object[columns.size()];
      Arrays.fill(values, ABSENT);
    }

    /**
     * Says that the column at this place has this value; null is NULL.
     *
     * @throws IndexOutOfBoundsException if there is no such place
     * @throws IllegalStateException after {@link #build}
     */
    public Builder set(int index, @Nullable Object value) {
      checkNotBuilt();
      values[index] = value;
      return this;
    }

    /**
     * The row.
     *
     * @throws IllegalStateException if it was built already
     */
    public Row build() {
      checkNotBuilt();
      built = true; // the row has the array now
      return new Row(columns, values);
    }

    private void checkNotBuilt() {
      if (built) {
        throw new IllegalStateException("the row was built already: begin another");
      }
    }
  }

  /**
   * A row with a value (or NULL) for each column, in the columns' order. The array belongs to the
   * row from now on.
   */
  public static Row ofAll(Columns columns, @Nullable Object... values) {
    if (values.length != columns.size()) {
      throw new BadValueException(
          values.length + " values for " + columns.size() + " columns " + columns);
    }
    return new Row(columns, values);
  }

  public Columns columns() {
    return columns;
  }

  /** The column's value; null if it is NULL or absent. */
  public @Nullable Object get(String column) {
    return get(indexOf(column));
  }

  /** The value of the column at this place; null if it is NULL or absent. */
  public @Nullable Object get(int index) {
    Object value = values[index];
    return value == ABSENT ? null : value;
  }

  /** Whether the row says something of the column: a value or NULL. */
  public boolean has(String column) {
    return has(indexOf(column));
  }

  public boolean has(int index) {
    return values[index] != ABSENT;
  }

  /** Whether the row says something of every column. */
  public boolean isWhole() {
    for (Object value : values) {
      if (value == ABSENT) {
        return false;
      }
    }
    return true;
  }

  /**
   * The same values in other columns; those that this row has not are absent.
   *
   * @throws BadValueException if there is no column of a name that this row says something of
   */
  public Row as(Columns others) {
    if (columns.equals(others)) {
      return new Row(others, values); // so that the names are kept only once
    }
    Row none = empty(others);
    @Nullable Object[] next = none.values;
    for (int i = 0; i < values.length; i++) {
      if (values[i] != ABSENT) {
        next[none.indexOf(columns.name(i))] = values[i];
      }
    }
    return new Row(others, next);
  }

  /** Whether it has an {@link Increment}, so that what it means depends on what it is put over. */
  public boolean hasIncrements() {
    return increments;
  }

  /** This row with another value (or NULL) in one column. */
  public Row with(String column, @Nullable Object value) {
    return with(indexOf(column), value);
  }

  public Row with(int index, @Nullable Object value) {
    @Nullable Object[] next = values.clone();
    next[index] = value;
    return new Row(columns, next);
  }

  /**
   * The columns this row says something of, laid over another row; the others as they are there. An
   * increment is added to what is there.
   *
   * @throws BadValueException if it cannot be, see {@link Increment#over}
   */
  public Row over(Row base) {
    if (!increments && isWhole()) {
      return this;
    }
    checkSameColumns(base);
    if (!increments && hasAllOf(base)) {
      return this;
    }
    @Nullable Object[] next = base.values.clone();
    for (int i = 0; i < next.length; i++) {
      if (values[i] != ABSENT) {
        next[i] = values[i] instanceof Increment more ? sum(i, base, more) : values[i];
      }
    }
    return new Row(columns, next);
  }

  /** Whether this row says something of every column that the other does. */
  private boolean hasAllOf(Row other) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == ABSENT && other.values[i] != ABSENT) {
        return false;
      }
    }
    return true;
  }

  private Object sum(int index, Row base, Increment more) {
    try {
      return base.has(index) ? more.over(base.values[index]) : more;
    } catch (BadValueException e) {
      throw new BadValueException("column " + columns.name(index) + ": " + e.getMessage(), e);
    }
  }

  /** What this row becomes where there is none: of an increment, what it adds. */
  public Row overNothing() {
    if (!increments) {
      return this;
    }
    @Nullable Object[] next = values.clone();
    for (int i = 0; i < next.length; i++) {
      next[i] = next[i] instanceof Increment increment ? increment.by() : next[i];
    }
    return new Row(columns, next);
  }

  /**
   * The columns whose value here differs from the base's; the others absent. Null if none differs.
   */
  public @Nullable Row differenceFrom(Row base) {
    checkSameColumns(base);
    @Nullable Object[] next = new Object[values.length];
    boolean any = false;
    for (int i = 0; i < next.length; i++) {
      boolean differs = values[i] != ABSENT && !sameValue(values[i], base.values[i]);
      next[i] = differs ? values[i] : ABSENT;
      any |= differs;
    }
    return any ? new Row(columns, next) : null;
  }

  /** The columns this row says something of, with their values; NULL is null. In column order. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      if (values[i] != ABSENT) {
        map.put(columns.name(i), values[i]);
      }
    }
    return map;
  }

  /** About how much memory the row takes, in bytes. */
  public long bytes() {
    long bytes = BYTES_PER_ROW;
    for (Object value : values) {
      bytes += BYTES_PER_REFERENCE + (value == ABSENT ? 0 : bytesOf(value));
    }
    return bytes;
  }

  private static long bytesOf(@Nullable Object value) {
    if (value == null || value instanceof Boolean) {
      return 0;
    } else if (value instanceof String text) {
      return 48L + text.length();
    } else if (value instanceof byte[] bytes) {
      return 16L + bytes.length;
    } else if (value instanceof List<?> list) {
      long sum = 24;
      for (Object element : list) {
        sum += BYTES_PER_REFERENCE + bytesOf(element);
      }
      return sum;
    } else if (value instanceof BigDecimal) {
      return 64;
    } else if (value instanceof Increment increment) {
      return 16 + bytesOf(increment.by());
    }
    return 32;
  }

  private int indexOf(String column) {
    int index = columns.indexOf(column);
    if (index < 0) {
      throw new BadValueException("no column " + column + "; there are " + columns);
    }
    return index;
  }

  private void checkSameColumns(Row other) {
    if (!columns.equals(other.columns)) {
      throw new BadValueException("rows of " + columns + " and " + other.columns + " do not mix");
    }
  }

  /** 1.0 and 1.00 are one value to a database, and so are equal arrays. */
  private static boolean sameValue(@Nullable Object a, @Nullable Object b) {
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return x.compareTo(y) == 0;
    } else if (a instanceof byte[] x && b instanceof byte[] y) {
      return Arrays.equals(x, y);
    }
    return Objects.equals(a, b);
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof Row row) || !columns.equals(row.columns)) {
      return false;
    }
    for (int i = 0; i < values.length; i++) {
      if (!sameValue(values[i], row.values[i])) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = columns.hashCode();
    for (Object value : values) {
      int each =
          value instanceof BigDecimal decimal
              ? decimal.stripTrailingZeros().hashCode()
              : value instanceof byte[] bytes ? Arrays.hashCode(bytes) : Objects.hashCode(value);
      hash = 31 * hash + each;
    }
    return hash;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    toMap()
        .forEach(
            (name, value) ->
                text.append(text.length() > 1 ? ", " : "")
                    .append(name)
                    .append('=')
                    .append(value instanceof byte[] bytes ? bytes.length + " bytes" : value));
    return text.append('}').toString();
  }
}
