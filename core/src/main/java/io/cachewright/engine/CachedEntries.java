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
 * Entries that are a copy of what a store has, or can be made anew: they may leave by themselves.
 *
 * <p>T2: the weights of all entries stay under {@code maximumBytes} and their number under {@code
 * maximumSize}: the least useful are evicted.
 */
final class CachedEntries<K, V> implements EntryTable<K, V> {
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

  private final ValueType<V> values;

  CachedEntries(KeyspaceOptions options, SpaceSpec<K, V> spec, Engine engine) {
    this.values = spec.values();
    this.reclaims = spec.reclaims();
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
    builder
        .maximumWeight(options.maximumBytes())
        .weigher((K key, Entry<V> entry) -> weight(entry, weightMin));
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

  private int weight(Entry<V> entry, long weightMin) {
    long bytes = EntryTable.bytes(entry, values);
    return (int) Math.min(Integer.MAX_VALUE, Math.max(weightMin, bytes));
  }

  private void left(boolean evicted, @Nullable Entry<V> entry) {
    if (evicted && entry != null && !entry.isExpired(clock)) {
      evictions.increment();
    }
  }

  @Override
  public @Nullable Entry<V> get(K key) {
    Entry<V> entry = cache.getIfPresent(key);
    if (entry != null && entry.isExpired(clock)) {
      remove(key, entry);
      return null;
    }
    return entry;
  }

  @Override
  public void put(K key, Entry<V> entry) {
    cache.put(key, entry);
    if (upkeepDue) { // then Caffeine has not asked this writer for any
      settle();
    }
  }

  @Override
  public boolean replace(K key, Entry<V> present, Entry<V> next) {
    return map.replace(key, present, next);
  }

  @Override
  public void remove(K key, Entry<V> entry) {
    map.remove(key, entry);
  }

  @Override
  public @Nullable Entry<V> remove(K key) {
    Entry<V> removed = map.remove(key);
    return removed == null || removed.isExpired(clock) ? null : removed;
  }

  @Override
  public void clear() {
    cache.invalidateAll();
  }

  @Override
  public long size() {
    return cache.estimatedSize();
  }

  @Override
  public Iterator<Map.Entry<K, Entry<V>>> iterator() {
    return map.entrySet().iterator();
  }

  @Override
  public long evictions() {
    return evictions.sum();
  }

  @Override
  public void settle() {
    upkeepDue = false;
    lookAtClock();
    cache.cleanUp();
  }

  /** An entry knows its own time; reading it changes nothing. */
  static final class Times<K, V> implements Expiry<K, Entry<V>> {
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
