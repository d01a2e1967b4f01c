// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Clock;
import io.cachewright.engine.Entry;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Redis has times of day in milliseconds, the engine has nanoseconds of its own. A time that is
 * turned into the engine's and back is the same, unless the time of day was set meanwhile.
 */
final class WallClock {
  /** Longest time ahead, so that no sum of nanoseconds overflows: a hundred years. */
  private static final long AHEAD_MAX = TimeUnit.DAYS.toNanos(36_500);

  /** The two clocks are parted by less than this, or the offset is taken anew. */
  private static final long DRIFT_MAX = TimeUnit.MILLISECONDS.toNanos(500);

  private final Clock clock;
  private final LongSupplier millis;
  private volatile long offset;

  WallClock(Clock clock, LongSupplier millis) {
    this.clock = clock;
    this.millis = millis;
    this.offset = measured();
  }

  /** The time of day, in milliseconds since 1970. */
  long millis() {
    return millis.getAsLong();
  }

  private long measured() {
    return TimeUnit.MILLISECONDS.toNanos(millis.getAsLong()) - clock.nanos();
  }

  private long offset() {
    long measured = measured();
    if (Math.abs(measured - offset) > DRIFT_MAX) {
      offset = measured;
    }
    return offset;
  }

  /** The engine's time. */
  long nanos() {
    return clock.nanos();
  }

  /** When an entry ends that is to end at this time of day. */
  long expiresAt(long epochMillis) {
    long now = clock.nanos();
    if (epochMillis <= millis()) {
      return now;
    }
    boolean far = epochMillis > millis() + TimeUnit.NANOSECONDS.toMillis(AHEAD_MAX);
    return far ? now + AHEAD_MAX : TimeUnit.MILLISECONDS.toNanos(epochMillis) - offset();
  }

  /** The time of day at which an entry ends, in milliseconds; {@link Entry#NEVER} stays. */
  long epochMillis(long expiresAt) {
    return expiresAt == Entry.NEVER
        ? Entry.NEVER
        : TimeUnit.NANOSECONDS.toMillis(expiresAt + offset());
  }
}
