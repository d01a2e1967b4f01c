// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.Columns;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How keys or values are written to the journal. */
public interface Codec<T> {

  /**
   * Writes one. By default those can be written that {@link ValueFormat} has.
   *
   * @throws io.cachewright.BadValueException if it cannot be written
   */
  default void write(T value, ByteSink out) {
    ValueFormat.write(value, out);
  }

  /**
   * Reads what {@link #write} has written.
   *
   * @param columns answers the columns of these names, for what is made of rows
   * @throws io.cachewright.BadValueException if the bytes mean nothing
   */
  @SuppressWarnings("unchecked") // what was written was of this type
  default T read(ByteSource in, Function<List<String>, Columns> columns) {
    return (T) Objects.requireNonNull(ValueFormat.read(in, columns));
  }

  /**
   * How keys of this class are written.
   *
   * @return null if nobody knows
   */
  @SuppressWarnings("unchecked") // of the class that was asked for
  static <T> @Nullable Codec<T> of(Class<T> type) {
    if (type == Integer.class) {
      return (Codec<T>) IntegerCodec.IT;
    }
    return type == Object.class || ValueFormat.has(type) ? plain() : null;
  }

  /** The default. */
  static <T> Codec<T> plain() {
    return new Codec<>() {};
  }
}
