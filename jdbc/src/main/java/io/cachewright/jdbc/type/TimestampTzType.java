// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/**
 * Points in time. In Java always in UTC, whatever zone they were given in.
 *
 * @param digits how many digits of a second the column keeps; more are rounded
 */
public record TimestampTzType(String sqlName, int digits, DateRange range) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.TIMESTAMPTZ;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof OffsetDateTime time) {
      return fitted(time);
    } else if (value instanceof Instant instant) {
      return fitted(instant);
    } else if (value instanceof ZonedDateTime time) {
      return fitted(time.toOffsetDateTime());
    }
    throw Values.wrongType(value, this, "an OffsetDateTime, Instant or ZonedDateTime");
  }

  /** The text must name its zone: a database would take its session's, which no one here knows. */
  @Override
  public Object parse(String text) {
    if (range.infinite() && text.equals(TemporalText.INFINITY)) {
      return OffsetDateTime.MAX;
    } else if (range.infinite() && text.equals(TemporalText.MINUS_INFINITY)) {
      return OffsetDateTime.MIN;
    }
    try {
      TemporalText.Parts parts = TemporalText.parse(text);
      ZoneOffset zone = parts.zone();
      if (zone != null) {
        return fitted(OffsetDateTime.of(parts.date(), parts.time(), zone));
      }
    } catch (DateTimeException e) {
      // Refused below.
    }
    throw Values.misfit(
        text, this, "timestamps with their zone, such as 2026-01-31T23:59:59.5Z or …+02:00");
  }

  @Override
  public String print(Object value) {
    if (!(value instanceof OffsetDateTime time)) {
      return value.toString();
    } else if (time.equals(OffsetDateTime.MAX)) {
      return TemporalText.INFINITY;
    }
    return time.equals(OffsetDateTime.MIN)
        ? TemporalText.MINUS_INFINITY
        : TemporalText.print(time.toLocalDate(), time.toLocalTime(), "Z");
  }

  private Object fitted(Instant instant) {
    try {
      return fitted(instant.atOffset(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      throw Values.misfit(instant, this, range.toString());
    }
  }

  private OffsetDateTime fitted(OffsetDateTime given) {
    if (range.infinite()
        && (given.equals(OffsetDateTime.MAX) || given.equals(OffsetDateTime.MIN))) {
      return given;
    }
    try {
      OffsetDateTime time = given.withOffsetSameInstant(ZoneOffset.UTC);
      time = time.withNano(0).plusNanos(TemporalText.roundedNanos(time, digits));
      if (range.has(time.toLocalDate())) {
        return time;
      }
    } catch (DateTimeException e) {
      // Beyond Java's own range: refused below.
    }
    throw Values.misfit(given, this, range.toString());
  }
}
