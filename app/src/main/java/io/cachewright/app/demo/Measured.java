// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import org.HdrHistogram.Histogram;

/**
 * What came of one run.
 *
 * @param reads latencies in nanoseconds, of every read
 * @param writes the same of writes
 * @param statements sent to the database meanwhile, COMMIT included
 * @param hits reads that the cache answered; with no cache none
 */
record Measured(
    String name,
    double seconds,
    Histogram reads,
    Histogram writes,
    long statements,
    long hits,
    boolean hasCache) {

  double readsPerSecond() {
    return reads.getTotalCount() / seconds;
  }

  double writesPerSecond() {
    return writes.getTotalCount() / seconds;
  }

  double hitRate() {
    long count = reads.getTotalCount();
    return count == 0 ? 0 : (double) hits / count;
  }

  /** Whether there is something in every cell of its row. */
  boolean isComplete() {
    return reads.getTotalCount() > 0
        && writes.getTotalCount() > 0
        && (statements > 0 || name.equals(Contender.RECORD))
        && (!hasCache || hits > 0);
  }
}
