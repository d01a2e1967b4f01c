// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers with a unit: {@code 500ms}, {@code 64kb}, {@code 80%}. A number without one is refused,
 * for nobody can tell what its writer had in mind.
 */
public final class Units {
  static final String DURATION_EXAMPLES = "500ms, 10s, 10m, 1h or 1d";
  static final String SIZE_EXAMPLES = "64kb, 512mb or 2gb";

  private static final Pattern NUMBER = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([a-zA-Z]*)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L);
  private static final Map<String, Long> BYTES =
      Map.of("b", 1L, "kb", 1L << 10, "mb", 1L << 20, "gb", 1L << 30, "tb", 1L << 40);

  private Units() {}

  /** A duration; throws with a message for people if it is none. */
  public static Duration duration(String text) {
    BigDecimal nanos = inSmallest(text, NANOS, "duration", DURATION_EXAMPLES);
    BigDecimal whole = nanos.divideToIntegralValue(BigDecimal.valueOf(1_000_000_000L));
    if (whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new BadText(text + " is longer than there can be");
    }
    long seconds = whole.longValue();
    return Duration.ofSeconds(
        seconds, nanos.remainder(BigDecimal.valueOf(1_000_000_000L)).longValue());
  }

  static long size(String text) {
    BigDecimal bytes = inSmallest(text, BYTES, "size", SIZE_EXAMPLES);
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new BadText(text + " is more bytes than there can be");
    }
    return bytes.longValue();
  }

  private static BigDecimal inSmallest(
      String text, Map<String, Long> units, String what, String examples) {
    Matcher matcher = NUMBER.matcher(text.strip());
    if (!matcher.matches()) {
      throw new BadText("\"" + text + "\" is no " + what + "; write " + examples);
    }
    String unit = matcher.group(2).toLowerCase(Locale.ROOT);
    BigDecimal number = new BigDecimal(matcher.group(1));
    if (unit.isEmpty() && number.signum() == 0) {
      return BigDecimal.ZERO;
    }
    if (unit.isEmpty()) {
      throw new BadText(text + " has no unit; write " + examples);
    }
    Long factor = units.get(unit);
    if (factor == null) {
      String known = String.join(", ", new TreeMap<>(units).keySet());
      throw new BadText("\"" + text + "\": no unit " + unit + " for a " + what + ", only " + known);
    }
    return number.multiply(BigDecimal.valueOf(factor));
  }

  /** In the largest unit that needs no fraction. */
  static String show(Duration duration) {
    long nanosOfSecond = duration.getNano();
    if (duration.isZero()) {
      return "0s";
    } else if (nanosOfSecond != 0) {
      return duration.toMillis() + "ms";
    }
    long seconds = duration.getSeconds();
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    } else if (seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    } else if (seconds % 60 == 0) {
      return seconds / 60 + "m";
    }
    return seconds + "s";
  }

  static String show(long bytes) {
    String[] units = {"b", "kb", "mb", "gb", "tb"};
    int unit = 0;
    long number = bytes;
    while (number != 0 && number % 1024 == 0 && unit < units.length - 1) {
      number /= 1024;
      unit++;
    }
    return number + units[unit];
  }
}
