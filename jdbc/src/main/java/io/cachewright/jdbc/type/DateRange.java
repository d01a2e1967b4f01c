// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.time.LocalDate;

/**
 * The days that a database's dates and timestamps can be of.
 *
 * @param infinite whether it also has dates before and after all others; in Java they are {@code
 *     LocalDate.MIN}, {@code LocalDate.MAX} and the like
 */
public record DateRange(LocalDate first, LocalDate last, boolean infinite) {
  private static final LocalDate POSTGRES_FIRST = LocalDate.of(-4713, 11, 24); // Julian day 0

  public static final DateRange POSTGRES_DATES =
      new DateRange(POSTGRES_FIRST, LocalDate.of(5_874_897, 12, 31), true);
  public static final DateRange POSTGRES_TIMESTAMPS =
      new DateRange(POSTGRES_FIRST, LocalDate.of(294_276, 12, 31), true);
  public static final DateRange SQLITE =
      new DateRange(LocalDate.of(0, 1, 1), LocalDate.of(9999, 12, 31), false);

  boolean has(LocalDate date) {
    return !date.isBefore(first) && !date.isAfter(last);
  }

  @Override
  public String toString() {
    return "dates from " + TemporalText.print(first) + " to " + TemporalText.print(last);
  }
}
