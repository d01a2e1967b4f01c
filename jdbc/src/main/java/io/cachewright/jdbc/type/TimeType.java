// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.time.DateTimeException;
import java.time.LocalTime;

/**
 * Times of day. Postgres's 24:00:00 is {@code LocalTime.MAX}.
 *
 * @param digits how many digits of a second the column keeps; more are rounded
 */
public record TimeType(String sqlName, int digits) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.TIME;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof LocalTime time) {
      return rounded(time);
    }
    throw Values.wrongType(value, this, "a LocalTime");
  }

  @Override
  public Object parse(String text) {
    try {
      return rounded(TemporalText.time(text));
    } catch (DateTimeException e) {
      throw Values.misfit(text, this, "times such as 23:59:59.5");
    }
  }

  @Override
  public String print(Object value) {
    return value instanceof LocalTime time ? TemporalText.print(time) : value.toString();
  }

  private LocalTime rounded(LocalTime time) {
    if (time.equals(LocalTime.MAX)) {
      return time;
    }
    LocalTime second = time.withNano(0);
    LocalTime rounded = second.plusNanos(TemporalText.roundedNanos(time, digits));
    // 23:59:59.9999999 becomes 24:00:00, as in the database.
    return rounded.isBefore(second) ? LocalTime.MAX : rounded;
  }
}
