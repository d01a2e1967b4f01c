// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Timestamps that say nothing of a time zone.
 *
 * @param digits how many digits of a second the column keeps; more are rounded
 */
public record TimestampType(String sqlName, int digits, DateRange range) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.TIMESTAMP;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof LocalDateTime time) {
      return fitted(time);
    }
    throw Values.wrongType(value, this, "a LocalDateTime; the column has no time zone");
  }

  /** A zone in the text is heeded: the time is then that of UTC. */
  @Override
  public Object parse(String text) {
    if (range.infinite() && text.equals(TemporalText.INFINITY)) {
      return LocalDateTime.MAX;
    } else if (range.infinite() && text.equals(TemporalText.MINUS_INFINITY)) {
      return LocalDateTime.MIN;
    }
    try {
      TemporalText.Parts parts = TemporalText.parse(text);
      LocalDateTime time = LocalDateTime.of(parts.date(), parts.time());
      ZoneOffset zone = parts.zone();
      return fitted(zone == null ? time : time.minusSeconds(zone.getTotalSeconds()));
    } catch (DateTimeException e) {
      throw Values.misfit(text, this, "timestamps such as 2026-01-31T23:59:59.5");
    }
  }

  @Override
  public String print(Object value) {
    if (!(value instanceof LocalDateTime time)) {
      return value.toString();
    } else if (time.equals(LocalDateTime.MAX)) {
      return TemporalText.INFINITY;
    }
    return time.equals(LocalDateTime.MIN)
        ? TemporalText.MINUS_INFINITY
        : TemporalText.print(time.toLocalDate(), time.toLocalTime(), "");
  }

  private LocalDateTime fitted(LocalDateTime time) {
    if (time.equals(LocalDateTime.MAX) || time.equals(LocalDateTime.MIN)) {
      if (range.infinite()) {
        return time;
      }
    } else if (range.has(time.toLocalDate())) {
      LocalDateTime rounded =
          time.withNano(0).plusNanos(TemporalText.roundedNanos(time, digits)); // perhaps up a day
      if (range.has(rounded.toLocalDate())) {
        return rounded;
      }
    }
    throw Values.misfit(time, this, range.toString());
  }
}
