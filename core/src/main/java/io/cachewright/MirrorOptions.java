// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.time.Duration;

/**
 * When the changes of a record keyspace go to the table that it is mirrored into.
 *
 * @param every how old a change gets before the table has it, 0 to 1 day. Default 500 ms
 * @param maxPending most memory for changes that wait, in bytes, 1024 at least. At half of it they
 *     are flushed whatever their age. With the table out of reach more may come: then they are
 *     dropped, and when it is back it is copied whole. No writer ever waits for a mirror (P7).
 *     Default 64 MiB
 * @param keyColumn the column that has the key, if that is of one column. Default {@code key}
 */
public record MirrorOptions(Duration every, long maxPending, String keyColumn) {

  public static final MirrorOptions DEFAULT =
      new MirrorOptions(Duration.ofMillis(500), 64L << 20, "key");

  public MirrorOptions {
    require(
        !every.isNegative() && every.compareTo(Duration.ofDays(1)) <= 0,
        "every must be from 0 to 1 day",
        every);
    require(maxPending >= 1 << 10, "maxPending must be at least 1024 bytes", maxPending);
    require(!keyColumn.isEmpty(), "keyColumn must have a name", keyColumn);
  }

  private static void require(boolean met, String rule, Object value) {
    if (!met) {
      throw new ConfigurationException("mirror: " + rule + ", was " + value);
    }
  }

  /** The defaults, with another schedule. */
  public static MirrorOptions every(Duration next) {
    return DEFAULT.withEvery(next);
  }

  public MirrorOptions withEvery(Duration next) {
    return new MirrorOptions(next, maxPending, keyColumn);
  }

  public MirrorOptions withMaxPending(long next) {
    return new MirrorOptions(every, next, keyColumn);
  }

  public MirrorOptions withKeyColumn(String next) {
    return new MirrorOptions(every, maxPending, next);
  }
}
