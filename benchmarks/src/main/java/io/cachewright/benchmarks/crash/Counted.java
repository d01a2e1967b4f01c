// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.cachewright.benchmarks.crash.CrashModel.Fault;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Things that show the number of their last write: at least the last that was acknowledged or seen,
 * at most the last that was begun. Each has one writer.
 */
final class Counted {
  private final String name;
  private final AtomicLongArray safe;
  private final AtomicLongArray begun;

  /**
   * @param name of each, for messages
   */
  Counted(String name, int size) {
    this.name = name;
    this.safe = new AtomicLongArray(size);
    this.begun = new AtomicLongArray(size);
  }

  int size() {
    return safe.length();
  }

  /** Answers which write it is. */
  long begin(int id) {
    return begun.incrementAndGet(id);
  }

  void safe(int id, long n) {
    safe.accumulateAndGet(id, n, Math::max);
  }

  /** It shows this write or a later one, from now on. */
  long least(int id) {
    return safe.get(id);
  }

  /**
   * What a reader saw, who knew before that at least so much was safe. From now on it must be there
   * (P3).
   */
  void saw(int id, long least, long seen) throws Fault {
    long most = begun.get(id);
    if (seen < least || seen > most) {
      throw new Fault(
          name + " " + id + " shows write " + seen + "; safe were " + least + ", begun " + most);
    }
    safe(id, seen);
  }

  /** What its writer saw, and nobody else writes: so it is this. */
  void is(int id, long seen) throws Fault {
    saw(id, least(id), seen);
    begun.set(id, seen);
  }
}
