// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.time.Duration;

/**
 * When a write-behind keyspace's changes go to the store, and how many may wait. Keyspaces over one
 * database are flushed together, since a flush applies a prefix of the log (P2): as soon as one of
 * them is due.
 *
 * @param maxDelay how old a change gets before it is flushed, 0 to 1 day. Longer: more changes of a
 *     key become one, and more has to be flushed before the database is up to date. Default 500 ms
 * @param maxChanges changes of this keyspace, those of a key counted once if they are coalesced, at
 *     which a flush begins whatever their age, 1 to 1 000 000. While one runs, up to ten times as
 *     many gather for the next. Default 10 000
 * @param maxPending most memory for changes that wait, in bytes; at this bound a writer waits up to
 *     {@code waitMax} and is then refused (P7). Default 256 MiB
 * @param coalesce whether several changes of a key become one. If not, each is applied, in order:
 *     for tables whose triggers keep a history. Default true
 */
public record WriteBehindOptions(
    Duration maxDelay, int maxChanges, long maxPending, boolean coalesce) {

  public static final WriteBehindOptions DEFAULT =
      new WriteBehindOptions(Duration.ofMillis(500), 10_000, 256L << 20, /* coalesce= */ true);

  public WriteBehindOptions {
    require(
        !maxDelay.isNegative() && maxDelay.compareTo(Duration.ofDays(1)) <= 0,
        "maxDelay must be from 0 to 1 day",
        maxDelay);
    require(
        maxChanges >= 1 && maxChanges <= 1_000_000,
        "maxChanges must be from 1 to 1000000",
        maxChanges);
    require(maxPending >= 1 << 10, "maxPending must be at least 1024 bytes", maxPending);
  }

  private static void require(boolean met, String rule, Object value) {
    if (!met) {
      throw new ConfigurationException("write-behind: " + rule + ", was " + value);
    }
  }

  public WriteBehindOptions withMaxDelay(Duration next) {
    return new WriteBehindOptions(next, maxChanges, maxPending, coalesce);
  }

  public WriteBehindOptions withMaxChanges(int next) {
    return new WriteBehindOptions(maxDelay, next, maxPending, coalesce);
  }

  public WriteBehindOptions withMaxPending(long next) {
    return new WriteBehindOptions(maxDelay, maxChanges, next, coalesce);
  }

  public WriteBehindOptions withCoalesce(boolean next) {
    return new WriteBehindOptions(maxDelay, maxChanges, maxPending, next);
  }
}
