// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers of up to 64 bits.
 *
 * @param min the least the column can hold
 * @param max the most the column can hold
 */
public record IntegerType(String sqlName, long min, long max) implements ColumnType {
  /** Up to this many digits fit a {@code long} whatever they are. */
  private static final int SAFE_DIGITS = 18;

  @Override
  public Kind kind() {
    return Kind.INTEGER;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof Long number && holds(number)) {
      return number;
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return inRange(((Number) value).longValue());
    } else if (value instanceof BigInteger big) {
      if (big.bitLength() >= Long.SIZE) {
        throw Values.misfit(value, this, allowed());
      }
      return inRange(big.longValue());
    }
    throw Values.wrongType(value, this, "a Long, Integer, Short, Byte or BigInteger");
  }

  @Override
  public boolean keepsValues() {
    return true;
  }

  @Override
  public Object parse(String text) {
    try {
      return inRange(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw Values.misfit(text, this, allowed());
    }
  }

  @Override
  public Object parse(byte[] text) {
    Long number = quick(text, 0);
    return number == null ? parse(Values.text(text)) : number;
  }

  /**
   * The number that is written in plain digits, perhaps with a minus, from this byte on; null if
   * what is there is written otherwise, or the column cannot hold it.
   */
  public @Nullable Long quick(byte[] text, int from) {
    boolean negative = text.length > from && text[from] == '-';
    int start = negative ? from + 1 : from;
    if (text.length <= start || text.length - start > SAFE_DIGITS) {
      return null;
    }
    long number = 0;
    for (int i = start; i < text.length; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        return null;
      }
      number = number * 10 + digit;
    }
    number = negative ? -number : number;
    return holds(number) ? number : null;
  }

  /** Whether the column can hold this number. */
  public boolean holds(long number) {
    return number >= min && number <= max;
  }

  private Long inRange(long number) {
    if (!holds(number)) {
      throw Values.misfit(number, this, allowed());
    }
    return number;
  }

  private String allowed() {
    return "whole numbers from " + min + " to " + max;
  }
}
