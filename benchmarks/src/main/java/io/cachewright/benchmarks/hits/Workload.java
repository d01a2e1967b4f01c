// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.hits;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Which keys are asked for. They are drawn beforehand, and they are other objects than the keys in
 * the cache, as they are in an application.
 */
@State(Scope.Benchmark)
public abstract class Workload {
  /** A bound that is the same for all and never reached: nothing is evicted. */
  static final long MAXIMUM_SIZE = 1_000_000;

  static final Duration TIME_TO_LIVE = Duration.ofMinutes(30);
  private static final int DRAWS = 1 << 20; // a power of two: see Cursor

  @Param("1000")
  public int entries;

  @Param("zipf")
  public String draw = "";

  @Param("false")
  public boolean expires;

  Long[] keys = {};

  @Setup(Level.Trial)
  public void drawKeys() {
    Random random = new Random(17);
    double @Nullable [] cumulated = draw.equals("zipf") ? zipf() : null;
    int[] scattered = shuffled(random);
    keys = new Long[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      int rank =
          cumulated == null
              ? random.nextInt(entries)
              : rank(cumulated, random.nextDouble() * cumulated[entries - 1]);
      keys[i] = (long) scattered[rank];
    }
  }

  /** The n-th most popular key is asked for in proportion to 1/n^0.99, as in YCSB. */
  private double[] zipf() {
    double[] cumulated = new double[entries];
    double sum = 0;
    for (int i = 0; i < entries; i++) {
      sum += 1 / Math.pow(i + 1, 0.99);
      cumulated[i] = sum;
    }
    return cumulated;
  }

  private static int rank(double[] cumulated, double chance) {
    int found = Arrays.binarySearch(cumulated, chance);
    return Math.min(cumulated.length - 1, found < 0 ? -found - 1 : found);
  }

  /** Popular keys are not neighbours. */
  private int[] shuffled(Random random) {
    int[] ranks = IntStream.range(0, entries).toArray();
    for (int i = ranks.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = ranks[i];
      ranks[i] = ranks[other];
      ranks[other] = kept;
    }
    return ranks;
  }

  /** Where a thread is in the keys. Threads start far apart. */
  @State(Scope.Thread)
  public static class Cursor {
    private int next = (int) Thread.currentThread().getId() * 7_919_000;

    Long next(Long[] keys) {
      return keys[next++ & (keys.length - 1)];
    }
  }
}
