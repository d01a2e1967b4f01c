// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.cachewright.KeyspaceOptions;
import io.cachewright.store.ValueType;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The entries in memory. Reads take no lock. Whoever writes holds the engine's write lock, but for
 * entries that leave by themselves: an evicted or expired entry is a copy of what the store has.
 *
 * <p>T1: an expired entry is never returned, whether or not its memory has been reclaimed. T2: the
 * weights of all entries stay under {@code maximumBytes} and their number under {@code
 * maximumSize}. T3: where nothing may be evicted, since nothing stands behind, whoever puts looks
 * first whether there is room.
 */
final class EntryTable<K, V> {
  /** Map node, key and entry object, in bytes; keys are small. */
  private static final int BYTES_PER_ENTRY = 160;

  private final Cache<K, Entry<V>> cache;
  private final Map<K, Entry<V>> map;
  private final Clock clock;
  private final LongAdder evictions = new LongAdder();

  private final Engine engine;
  private final boolean reclaims;

  /**
   * What time it was a moment ago, which is all that Caffeine is told: {@link #get} looks at the
   * clock itself (T1), so that Caffeine need only reclaim memory, and a hit costs one look instead
   * of two.
   */
  private volatile long roughly;

  /** Whether a reader has asked for upkeep that is still to be done. */
  private volatile boolean upkeepDue;

  /** Whether {@link #keepUp} will be run. Set under Caffeine's lock. */
  private volatile boolean upkeepQueued;

  private final KeyspaceOptions options;
  private final ValueType<V> values;

  /** T3: what the entries weigh of a table that evicts nothing; else 0. */
  private final LongAdder held = new LongAdder();

  private final boolean evicts;

  EntryTable(KeyspaceOptions options, SpaceSpec<K, V> spec, Engine engine) {
    this.options = options;
    this.values = spec.values();
    this.evicts = !spec.pattern().isRecord();
    this.reclaims = spec.reclaims() || !evicts;
    this.engine = engine;
    this.clock = engine.clock();
    this.roughly = clock.nanos();
    // Caffeine takes one bound. An entry weighs at least its share of the bytes, so that the bound
    // on bytes is also the bound on the number of entries.
    long weightMin = Math.max(1, options.maximumBytes() / options.maximumSize());
    Caffeine<K, Entry<V>> builder =
        Caffeine.newBuilder()
            .executor(this::askForUpkeep)
            .evictionListener((key, entry, cause) -> left(cause.wasEvicted(), entry));
    if (evicts) {
      builder
          .maximumWeight(options.maximumBytes())
          .weigher((K key, Entry<V> entry) -> weight(entry, weightMin));
    }
    this.cache =
        (reclaims ? builder.ticker(() -> roughly).expireAfter(new Times<>()) : builder).build();
    this.map = cache.asMap();
  }

  /**
   * Caffeine wants its upkeep done. A writer does it at once, so that the bounds hold when it
   * leaves (T2), and because that is cheaper than to wake another thread; a reader leaves it to
   * {@link Upkeep}.
   */
  private void askForUpkeep(Runnable task) {
    if (engine.isLockedByMe()) {
      lookAtClock();
      task.run();
      return;
    }
    upkeepDue = true;
    if (!upkeepQueued) {
      upkeepQueued = true;
      engine.upkeep().soon(this::keepUp);
    }
  }

  private void keepUp() {
    upkeepQueued = false;
    settle();
  }

  private void lookAtClock() {
    if (reclaims) {
      roughly = clock.nanos();
    }
  }

  private static <V> long bytes(Entry<V> entry, ValueType<V> values) {
    V value = entry.value();
    return BYTES_PER_ENTRY + (value == null ? 0 : values.bytes(value));
  }

  private int weight(Entry<V> entry, long weightMin) {
    return (int) Math.min(Integer.MAX_VALUE, Math.max(weightMin, bytes(entry, values)));
  }

  private void left(boolean evicted, @Nullable Entry<V> entry) {
    holdLess(entry);
    if (evicted && entry != null && !entry.isExpired(clock)) {
      evictions.increment();
    }
  }

  @Nullable Entry<V> get(K key) {
    Entry<V> entry = cache.getIfPresent(key);
    if (entry != null && entry.isExpired(clock)) {
      remove(key, entry);
      return null;
    }
    return entry;
  }

  void put(K key, Entry<V> entry) {
    if (evicts) {
      cache.put(key, entry);
    } else {
      holdLess(map.put(key, entry));
      held.add(bytes(entry, values));
    }
    if (upkeepDue) { // then Caffeine has not asked this writer for any
      settle();
    }
  }

  /** Puts by default and nothing if the entry to be replaced has gone meanwhile. */
  boolean replace(K key, Entry<V> present, Entry<V> next) {
    return map.replace(key, present, next);
  }

  /** Removes just this entry. */
  void remove(K key, Entry<V> entry) {
    if (map.remove(key, entry)) {
      holdLess(entry);
    }
  }

  @Nullable Entry<V> remove(K key) {
    Entry<V> removed = map.remove(key);
    holdLess(removed);
    return removed == null || removed.isExpired(clock) ? null : removed;
  }

  void clear() {
    cache.invalidateAll();
  }

  private void holdLess(@Nullable Entry<V> entry) {
    if (!evicts && entry != null) {
      held.add(-bytes(entry, values));
    }
  }

  /** Whether one more entry has room whose value is of so many bytes, whatever is there now. */
  boolean hasRoomFor(long bytes) {
    return held.sum() + BYTES_PER_ENTRY + bytes <= options.maximumBytes()
        && cache.estimatedSize() < options.maximumSize();
  }

  /**
   * T3.
   *
   * @throws io.cachewright.LimitException if there is no room for a value in place of an entry
   */
  void checkRoom(@Nullable Entry<V> present, V next, String keyspace) {
    long more =
        BYTES_PER_ENTRY + values.bytes(next) - (present == null ? 0 : bytes(present, values));
    long bytes = held.sum() + more;
    long entries = cache.estimatedSize() + (present == null ? 1 : 0);
    if (more > 0 && bytes > options.maximumBytes()) {
      throw Recorded.full(keyspace, "max-bytes", bytes, options.maximumBytes());
    } else if (present == null && entries > options.maximumSize()) {
      throw Recorded.full(keyspace, "max-entries", entries, options.maximumSize());
    }
  }

  /** What the entries weigh of a table that evicts nothing. */
  long heldBytes() {
    return held.sum();
  }

  /** About how many; expired ones may be counted until they are reclaimed. */
  long size() {
    return cache.estimatedSize();
  }

  /** Every entry that is there from beginning to end of the walk is met once. Takes no lock. */
  Iterator<Map.Entry<K, Entry<V>>> iterator() {
    return map.entrySet().iterator();
  }

  /** Entries dropped because T2's bounds were reached. */
  long evictions() {
    return evictions.sum();
  }

  /** Evicts what is over the bounds, and reclaims what has expired, now rather than soon. */
  void settle() {
    upkeepDue = false;
    lookAtClock();
    cache.cleanUp();
  }

  /** An entry knows its own time; reading it changes nothing. */
  private static final class Times<K, V> implements Expiry<K, Entry<V>> {
    @Override
    public long expireAfterCreate(K key, Entry<V> entry, long now) {
      return entry.expiresAt() == Entry.NEVER ? Long.MAX_VALUE : entry.expiresAt() - now;
    }

    @Override
    public long expireAfterUpdate(K key, Entry<V> entry, long now, long remaining) {
      return expireAfterCreate(key, entry, now);
    }

    @Override
    public long expireAfterRead(K key, Entry<V> entry, long now, long remaining) {
      return remaining;
    }
  }
}
