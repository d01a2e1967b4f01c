// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.util.Random;

/**
 * Draws keys as users do: few are asked for often, most seldom. The n-th most popular key is drawn
 * in proportion to 1/n^skew.
 *
 * <p>After Gray and others, "Quickly Generating Billion-Record Synthetic Databases" (SIGMOD 1994),
 * as YCSB does. Immutable; each thread brings its own source of chance.
 */
final class Zipf {
  private static final long SCATTER = 2_654_435_761L; // odd, near 2^32/golden ratio (Knuth)

  private final int count;
  private final double skew;
  private final double alpha;
  private final double zetaN;
  private final double eta;

  /**
   * @param skew above 0 and below 1; 0.99 is usual
   */
  Zipf(int count, double skew) {
    this.count = count;
    this.skew = skew;
    this.alpha = 1 / (1 - skew);
    this.zetaN = zeta(count, skew);
    this.eta = (1 - Math.pow(2.0 / count, 1 - skew)) / (1 - zeta(2, skew) / zetaN);
  }

  private static double zeta(int count, double skew) {
    double sum = 0;
    for (int i = 1; i <= count; i++) {
      sum += 1 / Math.pow(i, skew);
    }
    return sum;
  }

  /** A key from 1 to count. The popular ones are scattered, not the first ones of the table. */
  int next(Random random) {
    return (int) (rank(random.nextDouble()) * SCATTER % count) + 1;
  }

  private long rank(double chance) {
    double scaled = chance * zetaN;
    if (scaled < 1) {
      return 0;
    } else if (scaled < 1 + Math.pow(0.5, skew)) {
      return 1;
    }
    return Math.min(count - 1L, (long) (count * Math.pow(eta * chance - eta + 1, alpha)));
  }
}
