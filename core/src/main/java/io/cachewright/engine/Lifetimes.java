// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.KeyspaceOptions;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** When the entries of a space leave the cache, and when they are to be loaded again. */
final class Lifetimes {
  private final Clock clock;
  private final long timeToLive;
  private final double jitter;
  private final @Nullable Double refreshAhead;
  private final long negative;

  Lifetimes(KeyspaceOptions options, Clock clock) {
    this.clock = clock;
    Duration time = options.expireAfterWrite();
    this.timeToLive = time == null ? Entry.NEVER : time.toNanos();
    this.jitter = options.jitter();
    this.refreshAhead = options.refreshAhead();
    this.negative = options.negativeTimeToLive().toNanos();
  }

  /**
   * The end of an entry that is written now.
   *
   * @param time how long it stays, in nanoseconds, or {@link Write#DEFAULT_TIME}
   */
  long expiresAt(long time) {
    if (time != Write.DEFAULT_TIME) {
      return time == Entry.NEVER ? Entry.NEVER : clock.nanos() + time;
    }
    long chosen = chosen();
    return chosen == Entry.NEVER ? Entry.NEVER : clock.nanos() + chosen;
  }

  /** How long an entry stays that nothing is said of, in nanoseconds: another time each time. */
  long chosen() {
    if (timeToLive == Entry.NEVER) {
      return Entry.NEVER;
    }
    double shorter = jitter * ThreadLocalRandom.current().nextDouble();
    return (long) (timeToLive * (1 - shorter));
  }

  <V> Entry<V> entry(V value, long expiresAt, long sequence) {
    return Entry.of(value, sequence, expiresAt, refreshAt(expiresAt));
  }

  private long refreshAt(long expiresAt) {
    if (refreshAhead == null || expiresAt == Entry.NEVER) {
      return Entry.NEVER;
    }
    long now = clock.nanos();
    return now + (long) ((expiresAt - now) * refreshAhead);
  }

  /** Whether "no such row" is remembered at all. */
  boolean remembersNone() {
    return negative > 0;
  }

  <V> Entry<V> none(long sequence) {
    return Entry.of(null, sequence, clock.nanos() + negative, Entry.NEVER);
  }
}
