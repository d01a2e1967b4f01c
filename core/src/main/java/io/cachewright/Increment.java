// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What a column grows by, in place of its value: {@code row.with("visits", Increment.of(1))}. A put
 * of it does {@code visits = coalesce(visits, 0) + 1} in the database, so that increments of
 * several writers add up, whatever each of them has read.
 *
 * <pre>
 *   over a number      their sum
 *   over NULL          what it adds
 *   over an increment  an increment by the sum
 *   over nothing       stays an increment; where there is no row, what it adds is inserted
 * </pre>
 *
 * <p>It goes with integer and numeric columns; what it adds must be a value that the column can
 * hold. Immutable; of a {@code Long} or a {@code BigDecimal}, and equal to another as numbers are:
 * 1.0 and 1.00 are one.
 */
public final class Increment {
  private final Number by;

  private Increment(Number by) {
    this.by = by;
  }

  /** Of an integer column. */
  public static Increment of(long by) {
    return new Increment(by);
  }

  /** Of a numeric column. */
  public static Increment of(BigDecimal by) {
    return new Increment(by);
  }

  /** What is added: a {@code Long} or a {@code BigDecimal}. */
  public Number by() {
    return by;
  }

  /**
   * What a column holds after it, or its increment.
   *
   * @param base a number, an increment, or null: NULL
   * @throws BadValueException if the base is no number, or the sum is too large for a {@code Long}
   */
  public Object over(@Nullable Object base) {
    if (base == null) {
      return by;
    } else if (base instanceof Increment other) {
      return new Increment(sum(other.by));
    } else if (base instanceof Number number) {
      return sum(number);
    }
    throw new BadValueException(this + " cannot be added to '" + base + "', which is no number");
  }

  private Number sum(Number base) {
    if (base instanceof Long whole && by instanceof Long more) {
      try {
        return Math.addExact(whole, more);
      } catch (ArithmeticException e) {
        throw new BadValueException(base + " and " + more + " is more than 64 bits hold", e);
      }
    } else if (base instanceof BigDecimal decimal) {
      return decimal.add(decimal(by));
    } else if (base instanceof Long && by instanceof BigDecimal) {
      throw new BadValueException(this + " cannot be added to " + base + ", a whole number");
    }
    throw new BadValueException(
        this + " cannot be added to " + base + ", a " + base.getClass().getSimpleName());
  }

  private static BigDecimal decimal(Number number) {
    return number instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf(number.longValue());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Increment increment
        && by.getClass() == increment.by.getClass()
        && decimal(by).compareTo(decimal(increment.by)) == 0;
  }

  @Override
  public int hashCode() {
    return decimal(by).stripTrailingZeros().hashCode();
  }

  /** With its sign: {@code +5}. */
  @Override
  public String toString() {
    return (decimal(by).signum() < 0 ? "" : "+") + by;
  }
}
