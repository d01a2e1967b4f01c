// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.DecimalType;

/**
 * Sums as SQLite is to make them of a column and what it grows by.
 *
 * <p>Left to itself, it makes a floating-point number of a sum of whole numbers that does not fit
 * 64 bits, and of 0.1 and 0.2 makes 0.30000000000000004. So the first is refused, and decimals are
 * rounded to the 15 digits that a floating-point number has for sure. A sum with more digits before
 * the point than the column declares is refused as well, as Postgres does it; one whose digits
 * before and after the point are more than 15 would lose some without a word.
 */
final class SqliteSums {
  private static final int FLOATING_DIGITS = 15;

  /** "Integer overflow": SQLite has no other error that an expression can raise. */
  private static final String REFUSE = "abs(-9223372036854775807 - 1)";

  private SqliteSums() {}

  /**
   * An expression; {@code given} stands in it once.
   *
   * @param given what is added: a mark, or a column
   */
  static String sum(Column column, String given) {
    String sum = "(select coalesce(" + Sql.quoted(column.name()) + ", 0) + " + given + " as s)";
    String kept = "case when typeof(s) = 'integer' then s else " + REFUSE + " end";
    if (column.type() instanceof DecimalType decimal) {
      kept = decimal(decimal);
    }
    return "(select " + kept + " from " + sum + ")";
  }

  private static String decimal(DecimalType type) {
    String rounded = String.format("cast(printf('%%.%dg', s) as numeric)", FLOATING_DIGITS);
    if (type.precision() == 0) {
      return "case when typeof(s) = 'integer' then s else " + rounded + " end";
    }
    int after = Math.max(type.scale(), 0);
    int before = type.precision() - after;
    int beforeOfFloating = Math.min(type.precision(), FLOATING_DIGITS) - after;
    return String.format(
        "case when typeof(s) = 'integer' and abs(s) < 1e%d then s when abs(s) < 1e%d then %s"
            + " else %s end",
        before, beforeOfFloating, rounded, REFUSE);
  }
}
