// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.Temporal;
import org.jspecify.annotations.Nullable;

/**
 * Dates and times as text: ISO 8601, but with Postgres's {@code BC} and {@code infinity}, so that
 * what is printed here can be given to Postgres as it is.
 */
final class TemporalText {
  static final String INFINITY = "infinity";
  static final String MINUS_INFINITY = "-infinity";

  private static final String BC = " BC";
  private static final int DATE_LENGTH_MIN = 10;
  private static final int NANOS = 1_000_000_000;

  private TemporalText() {}

  static String print(LocalDate date) {
    StringBuilder text = new StringBuilder();
    appendDate(text, date);
    return date.getYear() <= 0 ? text.append(BC).toString() : text.toString();
  }

  static String print(LocalDate date, LocalTime time, String zone) {
    StringBuilder text = new StringBuilder();
    appendDate(text, date);
    text.append('T').append(print(time)).append(zone);
    return date.getYear() <= 0 ? text.append(BC).toString() : text.toString();
  }

  /** Always with seconds; with as many digits of a second as there are. */
  static String print(LocalTime time) {
    if (time.equals(LocalTime.MAX)) {
      return "24:00:00"; // which Postgres has, and Java has not
    }
    StringBuilder text = new StringBuilder();
    appendTwo(text, time.getHour()).append(':');
    appendTwo(text, time.getMinute()).append(':');
    appendTwo(text, time.getSecond());
    int nanos = time.get(ChronoField.NANO_OF_SECOND);
    if (nanos > 0) {
      String digits = Integer.toString(NANOS + nanos).substring(1);
      int end = digits.length();
      while (digits.charAt(end - 1) == '0') {
        end--;
      }
      text.append('.').append(digits, 0, end);
    }
    return text.toString();
  }

  /** A date, a time, and a zone or the lack of it, taken apart. */
  record Parts(LocalDate date, LocalTime time, @Nullable ZoneOffset zone) {}

  /**
   * Takes {@code T} or a blank between date and time; a time without seconds; any ISO 8601 zone.
   */
  static Parts parse(String given) {
    boolean bc = given.endsWith(BC);
    String text = bc ? given.substring(0, given.length() - BC.length()) : given;
    int split = Math.max(text.indexOf(' '), text.indexOf('T'));
    if (split < 0) {
      return new Parts(date(text, bc), LocalTime.MIDNIGHT, null);
    }
    String rest = text.substring(split + 1);
    int zoneAt = zoneStart(rest);
    LocalTime time = time(rest.substring(0, zoneAt).stripTrailing());
    ZoneOffset zone = zoneAt == rest.length() ? null : ZoneOffset.of(rest.substring(zoneAt));
    return new Parts(date(text.substring(0, split), bc), time, zone);
  }

  static LocalDate date(String given) {
    boolean bc = given.endsWith(BC);
    return date(bc ? given.substring(0, given.length() - BC.length()) : given, bc);
  }

  static LocalTime time(String text) {
    return text.equals("24:00:00") ? LocalTime.MAX : LocalTime.parse(text);
  }

  /** Its part of a second, to so many digits, half up. May be a whole second. */
  static long roundedNanos(Temporal time, int digits) {
    int nanos = time.get(ChronoField.NANO_OF_SECOND);
    int unit = 1;
    for (int i = digits; i < 9; i++) {
      unit *= 10;
    }
    return (nanos + unit / 2L) / unit * unit;
  }

  private static LocalDate date(String text, boolean bc) {
    if (text.length() < DATE_LENGTH_MIN) {
      throw new DateTimeException("too short");
    }
    boolean longYear = text.charAt(0) != '-' && text.length() > DATE_LENGTH_MIN;
    LocalDate date =
        LocalDate.parse(
            longYear && text.charAt(0) != '+' ? "+" + text : text,
            DateTimeFormatter.ISO_LOCAL_DATE);
    return bc ? date.withYear(1 - date.getYear()) : date;
  }

  private static int zoneStart(String time) {
    for (int i = 0; i < time.length(); i++) {
      char c = time.charAt(i);
      if (c == 'Z' || c == '+' || c == '-') {
        return i;
      }
    }
    return time.length();
  }

  private static void appendDate(StringBuilder text, LocalDate date) {
    int year = date.getYear() <= 0 ? 1 - date.getYear() : date.getYear();
    String digits = Integer.toString(year);
    text.append("0".repeat(Math.max(0, 4 - digits.length()))).append(digits).append('-');
    appendTwo(text, date.getMonthValue()).append('-');
    appendTwo(text, date.getDayOfMonth());
  }

  private static StringBuilder appendTwo(StringBuilder text, int number) {
    return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }
}
