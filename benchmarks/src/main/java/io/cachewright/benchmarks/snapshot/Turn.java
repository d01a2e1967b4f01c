// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.snapshot;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.BooleanSupplier;

/**
 * A thread that puts, one put after the other, and how long each took.
 *
 * @param longest put, in microseconds
 * @param within which 999 of 1,000 puts were done, in microseconds
 * @param collecting milliseconds for which the collector stopped the threads, or ran beside them
 */
record Turn(double perSecond, double longest, double within, double collecting) {
  /** Classes of a sixteenth of their bound, so that the worst of them is 6 % off. */
  private static final int CLASSES_BITS = 4;

  private static final int CLASSES = Long.SIZE << CLASSES_BITS;

  /** Puts until it is told that it is over. */
  static Turn until(BooleanSupplier over, Runnable put) {
    long[] counts = new long[CLASSES];
    long collectedBefore = collectedMillis();
    long puts = 0;
    long longest = 0;
    long begin = System.nanoTime();
    long before = begin;
    while (puts == 0 || !over.getAsBoolean()) {
      put.run();
      long now = System.nanoTime();
      long nanos = now - before;
      before = now;
      puts++;
      longest = Math.max(longest, nanos);
      counts[classOf(nanos)]++;
    }
    return new Turn(
        puts * 1e9 / Math.max(1, before - begin),
        longest / 1e3,
        bound(counts, puts - puts / 1_000) / 1e3,
        collectedMillis() - collectedBefore);
  }

  static int classOf(long nanos) {
    int magnitude = Math.max(CLASSES_BITS, Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos | 1));
    int part = (int) (nanos >>> (magnitude - CLASSES_BITS)) & ((1 << CLASSES_BITS) - 1);
    return magnitude << CLASSES_BITS | part;
  }

  /** The least value of the class after this one. */
  static long boundOf(int index) {
    int magnitude = index >> CLASSES_BITS;
    long part = index & ((1 << CLASSES_BITS) - 1);
    return (1L << magnitude) + (part + 1 << (magnitude - CLASSES_BITS));
  }

  /** So many are below it. */
  private static double bound(long[] counts, long many) {
    long seen = 0;
    int index = 0;
    while (seen + counts[index] < many) {
      seen += counts[index++];
    }
    return boundOf(index);
  }

  private static long collectedMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }
}
