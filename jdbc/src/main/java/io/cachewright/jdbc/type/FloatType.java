// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

/** Floating-point numbers of 32 bits, NaN and the infinities among them. */
public record FloatType(String sqlName) implements ColumnType {
  /** Postgres prints numbers of more digits before the point with an exponent. */
  private static final int PLAIN_DIGITS = 6;

  @Override
  public Kind kind() {
    return Kind.FLOAT;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof Float) {
      return value;
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).floatValue();
    } else if (value instanceof Double wide) {
      return narrowed(wide);
    }
    throw Values.wrongType(value, this, "a Float, Double, Integer, Short or Byte");
  }

  @Override
  public Object parse(String text) {
    return narrowed(FloatingText.parse(text, this));
  }

  @Override
  public String print(Object value) {
    return value instanceof Float ? FloatingText.print(value, PLAIN_DIGITS) : value.toString();
  }

  private Float narrowed(Double wide) {
    float narrow = wide.floatValue();
    if (Float.isInfinite(narrow) && !wide.isInfinite()) {
      throw Values.misfit(wide, this, "numbers of up to 3.4e38");
    }
    return narrow;
  }
}
