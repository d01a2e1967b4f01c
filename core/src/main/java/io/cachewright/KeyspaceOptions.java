// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a keyspace can be told, apart from its pattern and its store.
 *
 * @param maximumSize most entries in the cache; more are evicted, the least useful first. Default 1
 *     000 000
 * @param maximumBytes most memory for entries, in bytes, as {@code ValueType.bytes} counts it, an
 *     entry in steps of 64 bytes. Default 512 MiB
 * @param expireAfterWrite how long an entry stays after it was written or loaded; null, the
 *     default: until it is evicted
 * @param jitter by how much of itself each entry's time is shortened at random, so that entries
 *     that came together do not leave together: 0 to 0.5. Default 0.1
 * @param negativeTimeToLive how long "no such row" is remembered; zero: not at all. Default 1 s
 * @param refreshAhead after which part of its time an entry that is read is loaded again in the
 *     background: above 0, below 1. Null, the default: never
 * @param loadBatchMax most keys in one load. Larger: fewer loads, each slower. Default 1 000
 * @param loadLanes how many loads may run at once. Default 2
 * @param waitingMax most loads that may wait, and most writes; at this bound a caller waits up to
 *     {@code waitMax} and is then refused. Default 100 000
 * @param waitMax longest wait at a bound. At {@code waitingMax} of loads and of writes to a store a
 *     caller that cannot wait (asynchronous, or a Redis client) is refused at once; at {@code
 *     maxPending} and at the journal's bounds it waits as well, without a thread. Default 10 s
 * @param writeBehind for write-behind keyspaces
 */
public record KeyspaceOptions(
    long maximumSize,
    long maximumBytes,
    @Nullable Duration expireAfterWrite,
    double jitter,
    Duration negativeTimeToLive,
    @Nullable Double refreshAhead,
    int loadBatchMax,
    int loadLanes,
    int waitingMax,
    Duration waitMax,
    WriteBehindOptions writeBehind) {

  /** Longest time to live, so that no sum of nanoseconds overflows. */
  static final Duration LONGEST = Duration.ofDays(365 * 100);

  public static final KeyspaceOptions DEFAULT =
      new KeyspaceOptions(
          /* maximumSize= */ 1_000_000,
          /* maximumBytes= */ 512L << 20,
          /* expireAfterWrite= */ null,
          /* jitter= */ 0.1,
          /* negativeTimeToLive= */ Duration.ofSeconds(1),
          /* refreshAhead= */ null,
          /* loadBatchMax= */ 1_000,
          /* loadLanes= */ 2,
          /* waitingMax= */ 100_000,
          /* waitMax= */ Duration.ofSeconds(10),
          WriteBehindOptions.DEFAULT);

  public KeyspaceOptions {
    require(maximumSize > 0, "maximumSize must be above 0", maximumSize);
    require(maximumBytes > 0, "maximumBytes must be above 0", maximumBytes);
    if (expireAfterWrite != null) {
      require(
          !expireAfterWrite.isNegative()
              && !expireAfterWrite.isZero()
              && expireAfterWrite.compareTo(LONGEST) <= 0,
          "expireAfterWrite must be above 0 and at most 100 years",
          expireAfterWrite);
    }
    require(jitter >= 0 && jitter <= 0.5, "jitter must be from 0 to 0.5", jitter);
    require(
        !negativeTimeToLive.isNegative() && negativeTimeToLive.compareTo(LONGEST) <= 0,
        "negativeTimeToLive must be from 0 to 100 years",
        negativeTimeToLive);
    if (refreshAhead != null) {
      require(
          refreshAhead > 0 && refreshAhead < 1,
          "refreshAhead must be above 0 and below 1",
          refreshAhead);
      require(
          expireAfterWrite != null,
          "refreshAhead needs expireAfterWrite: it is a part of that time",
          refreshAhead);
    }
    require(
        loadBatchMax > 0 && loadBatchMax <= 100_000,
        "loadBatchMax must be from 1 to 100000",
        loadBatchMax);
    require(loadLanes > 0 && loadLanes <= 64, "loadLanes must be from 1 to 64", loadLanes);
    require(
        waitingMax >= loadBatchMax,
        "waitingMax must be at least loadBatchMax (" + loadBatchMax + ")",
        waitingMax);
    require(!waitMax.isNegative(), "waitMax must not be negative", waitMax);
  }

  private static void require(boolean met, String rule, Object value) {
    if (!met) {
      throw new ConfigurationException(rule + ", was " + value);
    }
  }

  /** These options, to be changed. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Options while they are being chosen; checked by {@link #build}. */
  public static final class Builder {
    private long maximumSize;
    private long maximumBytes;
    private @Nullable Duration expireAfterWrite;
    private double jitter;
    private Duration negativeTimeToLive;
    private @Nullable Double refreshAhead;
    private int loadBatchMax;
    private int loadLanes;
    private int waitingMax;
    private Duration waitMax;
    private WriteBehindOptions writeBehind;

    private Builder(KeyspaceOptions from) {
      maximumSize = from.maximumSize;
      maximumBytes = from.maximumBytes;
      expireAfterWrite = from.expireAfterWrite;
      jitter = from.jitter;
      negativeTimeToLive = from.negativeTimeToLive;
      refreshAhead = from.refreshAhead;
      loadBatchMax = from.loadBatchMax;
      loadLanes = from.loadLanes;
      waitingMax = from.waitingMax;
      waitMax = from.waitMax;
      writeBehind = from.writeBehind;
    }

    public Builder maximumSize(long next) {
      maximumSize = next;
      return this;
    }

    public Builder maximumBytes(long next) {
      maximumBytes = next;
      return this;
    }

    public Builder expireAfterWrite(@Nullable Duration next) {
      expireAfterWrite = next;
      return this;
    }

    public Builder jitter(double next) {
      jitter = next;
      return this;
    }

    public Builder negativeTimeToLive(Duration next) {
      negativeTimeToLive = next;
      return this;
    }

    public Builder refreshAhead(@Nullable Double next) {
      refreshAhead = next;
      return this;
    }

    public Builder loadBatchMax(int next) {
      loadBatchMax = next;
      return this;
    }

    public Builder loadLanes(int next) {
      loadLanes = next;
      return this;
    }

    public Builder waitingMax(int next) {
      waitingMax = next;
      return this;
    }

    public Builder waitMax(Duration next) {
      waitMax = next;
      return this;
    }

    public Builder writeBehind(WriteBehindOptions next) {
      writeBehind = next;
      return this;
    }

    public KeyspaceOptions build() {
      return new KeyspaceOptions(
          maximumSize,
          maximumBytes,
          expireAfterWrite,
          jitter,
          negativeTimeToLive,
          refreshAhead,
          loadBatchMax,
          loadLanes,
          waitingMax,
          waitMax,
          writeBehind);
    }
  }
}
