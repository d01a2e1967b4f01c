// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.hits;

import io.cachewright.benchmarks.Zipf;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Random;
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
  private static final int COLLECTIONS = 5;
  private static final int GARBAGE_BYTES = 16 << 10;
  private static final int DRAWS = 1 << 20; // a power of two: see Cursor

  @Param("1000")
  public int entries;

  @Param("zipf")
  public String draw = "";

  @Param("false")
  public boolean expires;

  Long[] keys = {};

  @SuppressWarnings("UnusedVariable") // written, so that making garbage is not optimized away
  private volatile byte[] garbage = {};

  @Setup(Level.Trial)
  public void drawKeys() {
    Random random = new Random(17);
    Zipf zipf = new Zipf(entries, random);
    keys = new Long[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      keys[i] = (long) (draw.equals("zipf") ? zipf.next(random) : random.nextInt(entries));
    }
  }

  /**
   * Has the collector move what was filled in a few times, as it does in an application. Until then
   * what loading left behind lies between the objects, of one subject more than of another.
   */
  void age() {
    long until = collections() + COLLECTIONS;
    while (collections() < until) {
      garbage = new byte[GARBAGE_BYTES];
    }
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
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
