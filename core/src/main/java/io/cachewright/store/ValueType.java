// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.Columns;
import io.cachewright.Row;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the engine must know of the values in a keyspace. What is logged must be writable, too. */
public interface ValueType<V> extends Codec<V> {

  /** About how much memory the value takes, in bytes. */
  long bytes(V value);

  /** The value that results when a put of {@code patch} meets {@code base}. */
  V over(V base, V patch);

  /** Whether a put adds to what is there, so that the sum may be more than can be held. */
  default boolean adds(V patch) {
    return false;
  }

  /** The value that results when a put of {@code patch} meets nothing. */
  default V overNothing(V patch) {
    return patch;
  }

  /** The value that results when a put of {@code patch} meets {@code base}, or nothing. */
  default V after(@Nullable V base, V patch) {
    return base == null ? overNothing(patch) : over(base, patch);
  }

  /** The smallest put that turns {@code base} into {@code next}; null if none is needed. */
  @Nullable V difference(V base, V next);

  /**
   * Whether a put says all there is to say, so that it can be cached without its store's answer. If
   * not, and the store has none, the entry leaves the cache and the next read asks.
   */
  boolean isWhole(V value);

  /**
   * Whether a value says something of all there is, so that what the store has besides does not
   * matter: a read of it needs not ask the store.
   */
  default boolean isComplete(V value) {
    return isWhole(value);
  }

  /**
   * Whether the store computes a part of each value from the rest, so that what a change makes of
   * it is known only when the store has it.
   */
  default boolean isComputed() {
    return false;
  }

  /**
   * Rows: a put touches only the columns it names.
   *
   * @param columns what rows read from a journal are made to have; null: as they are there
   */
  static ValueType<Row> rows(@Nullable Columns columns) {
    return rows(columns, /* computed= */ false);
  }

  /**
   * The same.
   *
   * @param computed whether there are columns whose values the table makes of the others'
   */
  static ValueType<Row> rows(@Nullable Columns columns, boolean computed) {
    return new ValueType<>() {
      @Override
      public boolean isComputed() {
        return computed;
      }

      @Override
      public Row read(ByteSource in, Function<List<String>, Columns> known) {
        Row row = (Row) Objects.requireNonNull(ValueFormat.read(in, known));
        return columns == null ? row : row.as(columns);
      }

      @Override
      public long bytes(Row value) {
        return value.bytes();
      }

      @Override
      public Row over(Row base, Row patch) {
        return patch.over(base);
      }

      @Override
      public boolean adds(Row patch) {
        return patch.hasIncrements();
      }

      @Override
      public Row overNothing(Row patch) {
        return patch.overNothing();
      }

      /** A new row may lack the column: of that, too, an increment makes what it adds. */
      @Override
      public Row after(@Nullable Row base, Row patch) {
        return (base == null ? patch : patch.over(base)).overNothing();
      }

      @Override
      public @Nullable Row difference(Row base, Row next) {
        return next.differenceFrom(base);
      }

      @Override
      public boolean isWhole(Row value) {
        return false; // a table has defaults, triggers, rounding
      }

      @Override
      public boolean isComplete(Row value) {
        return value.isWhole() && !value.hasIncrements();
      }
    };
  }

  /** Rows of any columns. */
  ValueType<Row> ROW = rows(null);

  /**
   * Values that are replaced whole. Sizes are known of strings and byte arrays, guessed of others.
   */
  static <V> ValueType<V> opaque() {
    return opaque(Codec.plain());
  }

  /**
   * Values that are replaced whole.
   *
   * @param codec how they are written to the journal
   */
  static <V> ValueType<V> opaque(Codec<V> codec) {
    return new ValueType<>() {
      @Override
      public void write(V value, ByteSink out) {
        codec.write(value, out);
      }

      @Override
      public V read(ByteSource in, Function<List<String>, Columns> columns) {
        return codec.read(in, columns);
      }

      @Override
      public long bytes(V value) {
        if (value instanceof CharSequence text) {
          return 48L + text.length();
        } else if (value instanceof byte[] bytes) {
          return 16L + bytes.length;
        }
        return 128;
      }

      @Override
      public V over(V base, V patch) {
        return patch;
      }

      @Override
      public @Nullable V difference(V base, V next) {
        return Objects.equals(base, next) ? null : next;
      }

      @Override
      public boolean isWhole(V value) {
        return true;
      }
    };
  }
}
