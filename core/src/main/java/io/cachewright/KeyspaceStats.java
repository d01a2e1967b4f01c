// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

/**
 * What has happened in a keyspace since it was opened. The same is told by metrics, of which those
 * of loads and writes have their times and the sizes of batches, too.
 *
 * @param hits reads answered by the cache, a remembered "no such row" included
 * @param misses reads that were not
 * @param loads calls to the store that loaded
 * @param loadedKeys keys that those calls asked for
 * @param loadErrors loads that failed, by key
 * @param writes changes accepted
 * @param writeErrors changes that were refused or failed
 * @param evictions entries dropped because a bound was reached
 */
public record KeyspaceStats(
    long hits,
    long misses,
    long loads,
    long loadedKeys,
    long loadErrors,
    long writes,
    long writeErrors,
    long evictions) {

  /** Hits among all reads, 0 to 1; 0 if there was none. */
  public double hitRate() {
    long reads = hits + misses;
    return reads == 0 ? 0 : (double) hits / reads;
  }
}
