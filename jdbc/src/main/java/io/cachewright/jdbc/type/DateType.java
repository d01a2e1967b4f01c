// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.time.DateTimeException;
import java.time.LocalDate;

/** Dates. */
public record DateType(String sqlName, DateRange range) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.DATE;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof LocalDate date) {
      return inRange(date);
    }
    throw Values.wrongType(value, this, "a LocalDate");
  }

  @Override
  public Object parse(String text) {
    if (range.infinite() && text.equals(TemporalText.INFINITY)) {
      return LocalDate.MAX;
    } else if (range.infinite() && text.equals(TemporalText.MINUS_INFINITY)) {
      return LocalDate.MIN;
    }
    try {
      return inRange(TemporalText.date(text));
    } catch (DateTimeException e) {
      throw Values.misfit(text, this, "dates such as 2026-01-31");
    }
  }

  @Override
  public String print(Object value) {
    if (!(value instanceof LocalDate date)) {
      return value.toString();
    } else if (date.equals(LocalDate.MAX)) {
      return TemporalText.INFINITY;
    }
    return date.equals(LocalDate.MIN) ? TemporalText.MINUS_INFINITY : TemporalText.print(date);
  }

  private LocalDate inRange(LocalDate date) {
    boolean infinite = date.equals(LocalDate.MAX) || date.equals(LocalDate.MIN);
    if (infinite ? !range.infinite() : !range.has(date)) {
      throw Values.misfit(date, this, range.toString());
    }
    return date;
  }
}
