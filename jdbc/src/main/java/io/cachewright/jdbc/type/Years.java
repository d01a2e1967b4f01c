// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

/**
 * The years a database's dates and timestamps can have, as ISO 8601 counts them: 0 is 1 BC.
 *
 * @param infinite whether it also has dates before and after all others; in Java they are {@code
 *     LocalDate.MIN}, {@code LocalDate.MAX} and the like
 */
public record Years(int first, int last, boolean infinite) {
  public static final Years POSTGRES_DATES = new Years(-4712, 5_874_897, true);
  public static final Years POSTGRES_TIMESTAMPS = new Years(-4712, 294_275, true);
  public static final Years SQLITE = new Years(0, 9999, false);

  boolean has(int year) {
    return year >= first && year <= last;
  }

  @Override
  public String toString() {
    return "the years " + first + " to " + last;
  }
}
