// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.LimitException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Room in memory for changes that wait to be flushed, in bytes (P7). It is taken before a change is
 * logged, so that a change for which there is none leaves no trace; what coalescing saves is given
 * back. Who finds none waits elsewhere: see {@link WaitingCommits}.
 *
 * <p>A transaction takes what it needs at once. One that is larger than all the room gets in when
 * there is nothing else, so that it cannot wait for ever.
 */
final class PendingRoom {
  private final String what;
  private final long bytesMax;
  private final Runnable given;
  private final AtomicLong taken = new AtomicLong();

  /** Whether somebody was told no since {@link #given} was run. */
  private volatile boolean wanted;

  /**
   * @param given is run when there is more room than somebody has found, perhaps under the write
   *     lock. It must not wait
   */
  PendingRoom(String what, long bytesMax, Runnable given) {
    this.what = what;
    this.bytesMax = bytesMax;
    this.given = given;
  }

  /** Takes room if there is any. */
  boolean tryTake(long bytes) {
    while (true) {
      long present = taken.get();
      if (present > 0 && present + bytes > bytesMax) {
        if (wanted) {
          return false;
        }
        wanted = true; // and looks once more, for who gave some a moment ago has not seen it
      } else if (taken.compareAndSet(present, present + bytes)) {
        return true;
      }
    }
  }

  /**
   * Why {@link #tryTake} answered no, for people.
   *
   * @param waited how long the caller has waited
   */
  LimitException refusal(long bytes, Duration waited) {
    long present = taken.get();
    String why = present + bytes > bytesMax ? "they would be over" : "others come first, in";
    return new LimitException(
        String.format(
            "%s: %,d bytes of changes wait to be flushed, and with %,d more %s max-pending, %,d%s."
                + " The database is slower than the writers, or away: see the lag; try again"
                + " later, or raise max-pending",
            what,
            present,
            bytes,
            why,
            bytesMax,
            waited.isZero() ? "" : "; gave up after " + waited.toMillis() + " ms"));
  }

  /** Takes room whether or not there is any, for what was accepted before a restart. */
  void force(long bytes) {
    taken.addAndGet(bytes);
  }

  void give(long bytes) {
    putBack(bytes);
    if (bytes > 0 && wanted) {
      wanted = false;
      given.run();
    }
  }

  /** Gives back what was taken a moment ago and not used, and tells nobody. */
  void putBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  long taken() {
    return taken.get();
  }
}
