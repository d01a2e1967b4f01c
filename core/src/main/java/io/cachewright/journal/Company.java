// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.util.concurrent.TimeUnit;

/**
 * Whom the writer waits for before its next batch: those whom it has just answered, as callers
 * mostly come back at once.
 *
 * <pre>
 *   without   A ▐ fsync ▌   ▐ fsync ▌      two halves take turns: each fsync
 *             B         ▐ fsync ▌   ...    carries half of what is in flight
 *   with    A+B ▐ fsync ▌·▐ fsync ▌·...    all of it
 * </pre>
 *
 * <p>Y1: who is alone waits for nobody. Y2: nobody waits longer than for half of an fsync, or 1 ms,
 * because others do not come back.
 *
 * @param records how many there are when all have come back
 * @param nanos how long to wait for that
 */
record Company(int records, long nanos) {
  /** However long an fsync takes: callers come back at once or not at all. */
  private static final long NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1);

  static final Company NONE = new Company(0, 0);

  /**
   * @param answered records of the batch that has just been written
   * @param gathered records that came meanwhile
   * @param fsyncNanos how long its fsync took
   */
  static Company after(int answered, int gathered, long fsyncNanos) {
    int records = answered + gathered;
    return answered == 0 || records < 2 // Y1
        ? NONE
        : new Company(records, Math.min(fsyncNanos / 2, NANOS_MAX)); // Y2
  }
}
