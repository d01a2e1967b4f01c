// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Draws numbers as in YCSB: the n-th most popular in proportion to 1/n^0.99. Popular numbers are
 * not neighbours.
 */
public final class Zipf {
  private final double[] cumulated;
  private final int[] scattered;

  /**
   * @param numbers draws from 0 to one less than this
   */
  public Zipf(int numbers, Random random) {
    cumulated = new double[numbers];
    double sum = 0;
    for (int i = 0; i < numbers; i++) {
      sum += 1 / Math.pow(i + 1, 0.99);
      cumulated[i] = sum;
    }
    scattered = shuffled(numbers, random);
  }

  public int next(Random random) {
    double chance = random.nextDouble() * cumulated[cumulated.length - 1];
    int found = Arrays.binarySearch(cumulated, chance);
    return scattered[Math.min(cumulated.length - 1, found < 0 ? -found - 1 : found)];
  }

  /** The numbers from 0 on, in random order. */
  public static int[] shuffled(int numbers, Random random) {
    int[] all = IntStream.range(0, numbers).toArray();
    for (int i = all.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = all[i];
      all[i] = all[other];
      all[other] = kept;
    }
    return all;
  }
}
