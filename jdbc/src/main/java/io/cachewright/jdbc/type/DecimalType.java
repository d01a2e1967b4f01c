// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import io.cachewright.BadValueException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Set;

/**
 * Decimal numbers. Given more digits after the point than the column has, a value is rounded half
 * away from zero, as the database does it.
 *
 * @param precision how many digits in all; 0 for no bound
 * @param scale how many of them after the point; -1 for as many as a value has
 * @param floating whether the database keeps a floating-point number (SQLite), so that more than 15
 *     digits would be lost without a word; such values are refused
 */
public record DecimalType(String sqlName, int precision, int scale, boolean floating)
    implements ColumnType {
  private static final int FLOATING_DIGITS = 15;

  /** What Postgres also has in a numeric, and Java not in a BigDecimal: read as text. */
  private static final Set<String> NO_NUMBERS = Set.of("NaN", "Infinity", "-Infinity");

  private static final BigDecimal LONG_MAX = BigDecimal.valueOf(Long.MAX_VALUE);

  /**
   * Longest text that is parsed, which takes 7 ms. The time grows with the square of the length: a
   * million digits took 18 s, in which a server's thread answers nobody else.
   */
  static final int TEXT_MAX = 20_000;

  /** More digits than Postgres has; a number like 1e999999999 must not fill the memory. */
  private static final int DIGITS_MAX = 131_072;

  @Override
  public Kind kind() {
    return Kind.DECIMAL;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof BigDecimal decimal) {
      return fitted(decimal);
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return fitted(BigDecimal.valueOf(((Number) value).longValue()));
    } else if (value instanceof BigInteger big) {
      return fitted(new BigDecimal(big));
    } else if (value instanceof Double
        || value instanceof Float
        || (value instanceof String text && NO_NUMBERS.contains(text))) {
      // Their text is the shortest decimal that means this number: 0.1 stays 0.1.
      return parse(value.toString());
    }
    throw Values.wrongType(value, this, "a BigDecimal, BigInteger, Long, Integer or Double");
  }

  @Override
  public Object parse(String text) {
    if (text.length() > TEXT_MAX) {
      throw Values.misfit(text, this, allowed() + ", in at most " + TEXT_MAX + " characters");
    }
    try {
      return fitted(new BigDecimal(text));
    } catch (NumberFormatException e) {
      boolean read = NO_NUMBERS.contains(text);
      throw Values.misfit(
          text, this, allowed() + (read ? "; NaN and the infinities can only be read" : ""));
    }
  }

  @Override
  public String print(Object value) {
    return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
  }

  private BigDecimal fitted(BigDecimal given) {
    if (Math.abs((long) given.scale()) > DIGITS_MAX) {
      throw tooLong(given);
    }
    BigDecimal value = given;
    if (scale >= 0) {
      value = value.setScale(scale, RoundingMode.HALF_UP);
    } else if (value.scale() < 0) {
      value = value.setScale(0);
    }
    if (precision > 0 && value.precision() - value.scale() > precision - Math.max(scale, 0)) {
      throw tooLong(given);
    }
    if (floating && !survivesFloating(value)) {
      throw Values.misfit(
          given, this, "15 digits in this database; declare the column TEXT to keep more");
    }
    return value;
  }

  private static boolean survivesFloating(BigDecimal value) {
    BigDecimal digits = value.stripTrailingZeros();
    return digits.precision() <= FLOATING_DIGITS
        || (digits.scale() <= 0 && digits.abs().compareTo(LONG_MAX) <= 0);
  }

  private BadValueException tooLong(BigDecimal given) {
    return Values.misfit(given, this, allowed());
  }

  private String allowed() {
    if (precision == 0) {
      return "decimal numbers";
    }
    int after = Math.max(scale, 0);
    return "numbers of up to "
        + (precision - after)
        + " digits before the point and "
        + after
        + " after it";
  }
}
