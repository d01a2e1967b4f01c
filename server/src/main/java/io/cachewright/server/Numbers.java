// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Numbers in arguments and values, as strict as Redis is: no blanks, no plus, no leading zeros. */
final class Numbers {
  /** What INCRBYFLOAT says of an infinite number. */
  static final String SUM_NOT_FINITE = "ERR increment would produce NaN or Infinity";

  private static final int LONG_DIGITS_MAX = 20;
  private static final Pattern INFINITE = Pattern.compile("(?i)[+-]?inf(inity)?");

  private Numbers() {}

  /**
   * @throws ErrorReply if it is not the decimal text of a 64-bit integer
   */
  static long integer(byte[] text) {
    if (!isInteger(text)) {
      throw ErrorReply.notAnInteger();
    }
    return parse(text);
  }

  static boolean isInteger(byte[] text) {
    int length = text.length;
    if (length == 0 || length > LONG_DIGITS_MAX) {
      return false;
    }
    if (length == 1) {
      return text[0] >= '0' && text[0] <= '9';
    }
    boolean negative = text[0] == '-';
    int at = negative ? 1 : 0;
    if (text[at] < '1' || text[at] > '9') {
      return false;
    }
    long number = 0; // negative all along: there is one more number below zero than above
    for (; at < length; at++) {
      int digit = text[at] - '0';
      if (digit < 0 || digit > 9 || number < Long.MIN_VALUE / 10) {
        return false;
      }
      number = number * 10 - digit;
      if (number > 0) {
        return false;
      }
    }
    return negative || number != Long.MIN_VALUE;
  }

  private static long parse(byte[] text) {
    boolean negative = text[0] == '-';
    long number = 0;
    for (int at = negative ? 1 : 0; at < text.length; at++) {
      number = number * 10 - (text[at] - '0');
    }
    return negative ? number : -number;
  }

  static byte[] text(long number) {
    return Long.toString(number).getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * A floating-point argument, exactly as it stands.
   *
   * @throws ErrorReply with this reason if it is none
   * @throws ErrorReply with the other if it is infinite
   */
  static BigDecimal decimal(byte[] text, String reason, String infinite) {
    try {
      if (text.length > 0 && text.length <= 256) {
        String number = new String(text, StandardCharsets.ISO_8859_1);
        if (INFINITE.matcher(number).matches()) {
          throw new ErrorReply(infinite);
        }
        BigDecimal decimal = new BigDecimal(number);
        if (decimal.precision() <= 40 && Math.abs((long) decimal.scale()) <= 5_000) {
          return decimal;
        }
        return new BigDecimal(Double.parseDouble(number));
      }
    } catch (NumberFormatException e) {
      // falls through to the reply
    }
    throw new ErrorReply(reason);
  }

  /** As INCRBYFLOAT prints: no exponent, no zeros at the end, 17 places. */
  static String print(BigDecimal number) {
    BigDecimal rounded =
        number.scale() > 17 ? number.setScale(17, java.math.RoundingMode.HALF_EVEN) : number;
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  /** As RESP3 has doubles. */
  static String print(double number) {
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    } else if (number == Math.rint(number) && Math.abs(number) < 1e17) {
      return Long.toString((long) number);
    }
    return Double.toString(number);
  }
}
