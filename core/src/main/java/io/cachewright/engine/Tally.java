// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is too frequent for an atomic instruction, which presumably keeps the look-ups of the
 * next hit, in cold memory, from overlapping with those of this one.
 *
 * <pre>
 *   cells   [ -, thread 17: 4,711, -, thread 19: 8,150, ... ]   found by the thread's number
 *   others  counts of threads whose place is another's
 * </pre>
 *
 * <p>C1: a cell is only ever written by the thread that made it, so that nothing is lost (as long
 * as no two threads say that they have the same number). C2: the sum has every count that happened
 * before it was asked for.
 */
final class Tally {
  private static final int CELLS = 256;

  /*
   * A cell is an array with its two numbers in the middle, 128 bytes from either end: what lies
   * beside it in memory, and is written by other threads, is in other lines of the processor's
   * caches, and in other pairs of them.
   */
  private static final int OWNER = 16;
  private static final int COUNT = 17;
  private static final int LENGTH = 34;
  private static final VarHandle ELEMENTS = MethodHandles.arrayElementVarHandle(long[].class);

  private final AtomicReferenceArray<long @Nullable []> cells = new AtomicReferenceArray<>(CELLS);
  private final LongAdder others = new LongAdder();

  void increment() {
    long thread = Thread.currentThread().getId();
    int place = (int) thread & (CELLS - 1);
    long[] cell = cells.getAcquire(place);
    if (cell != null && cell[OWNER] == thread) {
      ELEMENTS.setOpaque(cell, COUNT, cell[COUNT] + 1); // C1
    } else {
      beginOrShare(thread, place, cell);
    }
  }

  private void beginOrShare(long thread, int place, long @Nullable [] taken) {
    if (taken == null) {
      long[] cell = new long[LENGTH];
      cell[OWNER] = thread;
      cell[COUNT] = 1;
      if (cells.compareAndSet(place, null, cell)) {
        return;
      }
    }
    others.increment();
  }

  long sum() {
    long sum = others.sum();
    for (int place = 0; place < CELLS; place++) {
      long[] cell = cells.getAcquire(place);
      if (cell != null) {
        sum += (long) ELEMENTS.getOpaque(cell, COUNT);
      }
    }
    return sum;
  }
}
