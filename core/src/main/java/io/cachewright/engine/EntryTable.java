// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.ValueType;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The entries in memory. Reads take no lock. Whoever writes holds the engine's write lock, but for
 * entries that leave by themselves.
 *
 * <p>T1: an expired entry is never returned, whether or not its memory has been reclaimed.
 */
sealed interface EntryTable<K, V> permits CachedEntries, HeldEntries {
  /** Nodes of maps, key and entry object, in bytes; keys are small. */
  int BYTES_PER_ENTRY = 200;

  static <K, V> EntryTable<K, V> of(SpaceSpec<K, V> spec, Engine engine) {
    return spec.pattern().isRecord()
        ? new HeldEntries<>(spec, engine)
        : new CachedEntries<>(spec.options(), spec, engine);
  }

  /** About how much memory an entry takes. */
  static <V> long bytes(Entry<V> entry, ValueType<V> values) {
    V value = entry.value();
    return BYTES_PER_ENTRY + (value == null ? 0 : values.bytes(value));
  }

  @Nullable Entry<V> get(K key);

  void put(K key, Entry<V> entry);

  /** Puts by default and nothing if the entry to be replaced has gone meanwhile. */
  boolean replace(K key, Entry<V> present, Entry<V> next);

  @Nullable Entry<V> remove(K key);

  void clear();

  /** About how many; expired ones may be counted until they are reclaimed. */
  long size();

  /**
   * Every entry that is there from beginning to end of the walk is met once. Holds no lock for
   * longer than a few entries take.
   */
  Iterator<Map.Entry<K, Entry<V>>> iterator();

  /** Entries dropped because a bound was reached. */
  long evictions();

  /** Evicts what is over the bounds, and reclaims what has expired, now rather than soon. */
  void settle();
}
