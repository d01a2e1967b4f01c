// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before something is tried again: twice as long each time, up to a bound, and
 * shortened at random by up to a quarter, so that many who fail together do not come back together.
 * For one thread.
 */
final class Pause {
  private final long firstNanos;
  private final long longestNanos;
  private long nextNanos;

  Pause(Duration first, Duration longest) {
    this.firstNanos = first.toNanos();
    this.longestNanos = longest.toNanos();
    this.nextNanos = firstNanos;
  }

  /** The next pause, in nanoseconds. */
  long grow() {
    long nanos = nextNanos;
    nextNanos = Math.min(longestNanos, nextNanos * 2);
    return nanos - ThreadLocalRandom.current().nextLong(nanos / 4 + 1);
  }

  /** It went well: the next pause is the first again. */
  void reset() {
    nextNanos = firstNanos;
  }
}
