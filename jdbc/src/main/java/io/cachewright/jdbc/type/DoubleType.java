// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.math.BigDecimal;

/**
 * Floating-point numbers of 64 bits.
 *
 * @param nan whether NaN can be stored (SQLite makes it NULL)
 */
public record DoubleType(String sqlName, boolean nan) implements ColumnType {
  /** Postgres prints numbers of more digits before the point with an exponent. */
  private static final int PLAIN_DIGITS = 15;

  @Override
  public Kind kind() {
    return Kind.DOUBLE;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof Double
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return fitted(((Number) value).doubleValue());
    } else if (value instanceof Float || value instanceof BigDecimal) {
      // By its text: the float 0.1 becomes the double 0.1, not 0.10000000149011612.
      return parse(value.toString());
    } else if (value instanceof Long number && (long) (double) number == number) {
      return (double) number;
    }
    throw Values.wrongType(value, this, "a Double, Float, Integer, or a Long of up to 53 bits");
  }

  @Override
  public Object parse(String text) {
    return fitted(FloatingText.parse(text, this));
  }

  @Override
  public String print(Object value) {
    return value instanceof Double ? FloatingText.print(value, PLAIN_DIGITS) : value.toString();
  }

  private Double fitted(Double value) {
    if (value.isNaN() && !nan) {
      throw Values.misfit(value, this, "numbers: this database makes NaN NULL");
    }
    return value;
  }
}
