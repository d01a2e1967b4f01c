// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.LimitException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Room in memory for changes that wait to be flushed, in bytes (P7). It is taken before a change is
 * logged, so that a change for which there is none leaves no trace; what coalescing saves is given
 * back.
 *
 * <p>A change that is larger than all the room gets in when there is nothing else, so that it
 * cannot wait for ever.
 */
final class PendingRoom {
  private final String what;
  private final long bytesMax;
  private final Duration waitMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();
  private long taken;

  PendingRoom(String what, long bytesMax, Duration waitMax) {
    this.what = what;
    this.bytesMax = bytesMax;
    this.waitMax = waitMax;
  }

  /**
   * Takes room.
   *
   * @param mayWait whether the caller may be held up, for at most {@code waitMax}
   * @throws LimitException if there is none
   */
  void take(long bytes, boolean mayWait) {
    lock.lock();
    try {
      long left = mayWait ? waitMax.toNanos() : 0;
      while (taken > 0 && taken + bytes > bytesMax) {
        if (left <= 0) {
          throw full(bytes, mayWait);
        }
        left = given.awaitNanos(left);
      }
      taken += bytes;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw full(bytes, mayWait);
    } finally {
      lock.unlock();
    }
  }

  private LimitException full(long bytes, boolean mayWait) {
    return new LimitException(
        String.format(
            "%s: %,d bytes of changes wait to be flushed, and with %,d more they would be over"
                + " max-pending, %,d%s. The database is slower than the writers, or away: see the"
                + " lag; try again later, or raise max-pending",
            what,
            taken,
            bytes,
            bytesMax,
            mayWait
                ? "; gave up after " + TimeUnit.NANOSECONDS.toMillis(waitMax.toNanos()) + " ms"
                : ""));
  }

  /** Takes room whether or not there is any, for what was accepted before a restart. */
  void force(long bytes) {
    give(-bytes);
  }

  void give(long bytes) {
    if (bytes == 0) {
      return;
    }
    lock.lock();
    try {
      taken -= bytes;
      given.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
