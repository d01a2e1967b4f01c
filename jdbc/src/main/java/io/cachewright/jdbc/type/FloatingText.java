// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.math.BigDecimal;
import java.util.Locale;

/** Floating-point numbers as Postgres writes them: {@code 3}, {@code 0.1}, {@code 1e+20}. */
final class FloatingText {
  private static final int LEAST_PLAIN_EXPONENT = -4;

  private FloatingText() {}

  static Double parse(String text, ColumnType type) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "nan" -> Double.NaN;
      case "infinity", "+infinity", "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-infinity", "-inf" -> Double.NEGATIVE_INFINITY;
      default -> finite(text, type);
    };
  }

  private static Double finite(String text, ColumnType type) {
    if (text.length() <= DecimalType.TEXT_MAX) {
      try {
        // Double.parseDouble would also take 1d, 0x1p3 and blanks around.
        double number = new BigDecimal(text).doubleValue();
        if (!Double.isInfinite(number)) {
          return number == 0 && text.startsWith("-") ? -0.0 : number;
        }
      } catch (NumberFormatException e) {
        // Refused below.
      }
    }
    throw Values.misfit(text, type, "numbers such as 1.5 or 2e10, NaN and Infinity");
  }

  /** Of a Float or Double. */
  static String print(Object number, int plainDigits) {
    String java = number.toString();
    if (java.equals("NaN") || java.endsWith("Infinity")) {
      return java;
    }
    BigDecimal value = new BigDecimal(java).stripTrailingZeros();
    String sign = java.startsWith("-") ? "-" : "";
    if (value.signum() == 0) {
      return sign + "0";
    }
    int exponent = value.precision() - value.scale() - 1;
    if (exponent >= LEAST_PLAIN_EXPONENT && exponent < plainDigits) {
      return value.toPlainString();
    }
    String digits = value.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return sign
        + digits.charAt(0)
        + fraction
        + String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
