// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.StoreAwayException;
import java.sql.SQLException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the database can be reached, so that calls fail at once while it cannot.
 *
 * <p>While it is away one call at a time is let through, after growing pauses, and finds out
 * whether it is back; all others are refused. So recovery needs no thread, and a dead database is
 * not flooded.
 */
final class Availability {
  private static final Logger log = LoggerFactory.getLogger(Availability.class);
  private static final long PAUSE_MIN_NANOS = 50_000_000;
  private static final long PAUSE_MAX_NANOS = 1_000_000_000;

  /**
   * A probe that has not come back after this long no longer keeps others from trying: the driver
   * may wait for ever on a network that drops packets.
   */
  private static final long PROBE_MAX_NANOS = 30_000_000_000L;

  private final LongSupplier clock;

  /** Null while the database is there. Written under this object's lock. */
  private volatile @Nullable Away away;

  private static final class Away {
    final long sinceNanos;
    Throwable cause;
    long pauseNanos = PAUSE_MIN_NANOS;
    long nextProbeNanos;
    long refused;

    Away(long sinceNanos, Throwable cause) {
      this.sinceNanos = sinceNanos;
      this.cause = cause;
    }
  }

  Availability(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * Lets the caller try, or refuses.
   *
   * @throws StoreAwayException says since when, how many were refused, when the next try is
   */
  void admit() {
    if (away != null) {
      admitProbe();
    }
  }

  private synchronized void admitProbe() {
    Away now = away;
    if (now == null) {
      return;
    }
    long time = clock.getAsLong();
    if (time - now.nextProbeNanos >= 0) {
      now.nextProbeNanos = time + PROBE_MAX_NANOS; // moved closer when the probe has failed
      return;
    }
    now.refused++;
    throw new StoreAwayException(
        String.format(
            "the database is away since %s (%d calls refused, next try in %d ms); last cause: %s",
            seconds(time - now.sinceNanos),
            now.refused,
            Math.min(now.nextProbeNanos - time, now.pauseNanos) / 1_000_000,
            told(now.cause)),
        now.cause);
  }

  /** The database has answered. */
  void up() {
    if (away != null) {
      recover();
    }
  }

  private synchronized void recover() {
    Away before = away;
    if (before != null) {
      away = null;
      log.info(
          "the database is back after {} ({} calls were refused)",
          seconds(clock.getAsLong() - before.sinceNanos),
          before.refused);
    }
  }

  /**
   * Something failed that says nothing of the database: the pool is empty, or a connection is lost.
   */
  synchronized void notKnown(Throwable cause) {
    if (away != null) {
      down(cause); // it was the probe, and others must get their turn
    }
  }

  /** The database cannot be reached. */
  synchronized void down(Throwable cause) {
    long time = clock.getAsLong();
    Away now = away;
    if (now == null) {
      now = new Away(time, cause);
      away = now;
      log.warn("the database is away: {}", told(cause));
    } else {
      now.cause = cause;
      now.pauseNanos = Math.min(now.pauseNanos * 2, PAUSE_MAX_NANOS);
    }
    now.nextProbeNanos = time + now.pauseNanos;
  }

  private static String told(Throwable cause) {
    if (cause instanceof SQLException error) {
      return Fault.message(error);
    }
    return cause instanceof Error ? cause.toString() : String.valueOf(cause.getMessage());
  }

  private static String seconds(long nanos) {
    return nanos < 10_000_000_000L ? nanos / 1_000_000 + " ms" : nanos / 1_000_000_000 + " s";
  }
}
