// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.cachewright.KeyspaceOptions;
import io.cachewright.store.ValueType;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Entries with nothing behind them: none leaves but what is removed or expires.
 *
 * <pre>
 *   map     every entry
 *   timers  those that expire, to reclaim their memory: looked at by writers, now and then, and
 *           when there is no room
 * </pre>
 *
 * <p>T3: whoever puts looks first whether there is room: see {@link #hasRoomFor}. T4: an entry of
 * the map that expires is among the timers.
 */
final class HeldEntries<K, V> implements EntryTable<K, V> {
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final ConcurrentHashMap<K, Entry<V>> map = new ConcurrentHashMap<>();
  private final Cache<K, Entry<V>> timers;
  private final KeyspaceOptions options;
  private final ValueType<V> values;
  private final Clock clock;

  /** What the entries weigh. */
  private final LongAdder held = new LongAdder();

  /** When a writer looks at the timers again. Under the write lock. */
  private long lookAt;

  HeldEntries(SpaceSpec<K, V> spec, Engine engine) {
    this.options = spec.options();
    this.values = spec.values();
    this.clock = engine.clock();
    this.lookAt = clock.nanos();
    this.timers =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .ticker(clock::nanos)
            .expireAfter(new CachedEntries.Times<K, Entry<V>>(Entry::expiresAt))
            .evictionListener(this::expired)
            .build();
  }

  private void expired(@Nullable K key, @Nullable Entry<V> entry, RemovalCause cause) {
    if (key != null && entry != null && map.remove(key, entry)) {
      hold(-EntryTable.bytes(entry, values));
    }
  }

  private void hold(long more) {
    held.add(more);
  }

  // ---- reads ----

  @Override
  public @Nullable Entry<V> get(K key) {
    Entry<V> entry = map.get(key);
    if (entry != null && entry.isExpired(clock)) {
      remove(key, entry);
      return null;
    }
    return entry;
  }

  @Override
  public long size() {
    return map.mappingCount();
  }

  @Override
  public Iterator<Map.Entry<K, Entry<V>>> iterator() {
    return map.entrySet().iterator();
  }

  @Override
  public long evictions() {
    return 0;
  }

  /** What the entries weigh, in bytes. */
  long bytes() {
    return held.sum();
  }

  // ---- changes ----

  @Override
  public void put(K key, Entry<V> entry) {
    Entry<V> before = map.put(key, entry);
    long more = EntryTable.bytes(entry, values);
    hold(before == null ? more : more - EntryTable.bytes(before, values));
    time(key, before, entry);
    lookNowAndThen();
  }

  /** T4. */
  private void time(K key, @Nullable Entry<V> before, Entry<V> entry) {
    if (entry.expiresAt() != Entry.NEVER) {
      timers.put(key, entry);
    } else if (before != null && before.expiresAt() != Entry.NEVER) {
      timers.invalidate(key);
    }
  }

  @Override
  public boolean replace(K key, Entry<V> present, Entry<V> next) {
    boolean replaced = map.replace(key, present, next);
    if (replaced) {
      time(key, present, next);
      hold(EntryTable.bytes(next, values) - EntryTable.bytes(present, values));
    }
    return replaced;
  }

  /** Removes just this entry. */
  void remove(K key, Entry<V> entry) {
    if (map.remove(key, entry)) {
      hold(-EntryTable.bytes(entry, values));
    }
  }

  @Override
  public @Nullable Entry<V> remove(K key) {
    Entry<V> removed = map.remove(key);
    if (removed == null) {
      return null;
    }
    hold(-EntryTable.bytes(removed, values));
    if (removed.expiresAt() != Entry.NEVER) {
      timers.invalidate(key);
    }
    return removed.isExpired(clock) ? null : removed;
  }

  @Override
  public void clear() {
    map.keySet().forEach(this::remove);
  }

  private void lookNowAndThen() {
    if (timers.estimatedSize() > 0) {
      long now = clock.nanos();
      if (now - lookAt >= 0) {
        lookAt = now + LOOK_EVERY_NANOS;
        timers.cleanUp();
      }
    }
  }

  @Override
  public void settle() {
    timers.cleanUp();
  }

  // ---- T3 ----

  /**
   * Looks whether so many more entries have room whose values are of so many bytes, whatever is
   * there now. If not, {@link #checkRoom} tells exactly.
   */
  boolean hasRoomFor(long entries, long bytes) {
    return held.sum() + entries * BYTES_PER_ENTRY + bytes <= options.maximumBytes()
        && map.mappingCount() + entries <= options.maximumSize();
  }

  /**
   * Those who need no more than there is may go on even beyond the bounds.
   *
   * @param moreBytes below 0: so much less
   * @throws io.cachewright.LimitException if there is no room for it
   */
  void checkRoom(long moreEntries, long moreBytes, String keyspace) {
    long bytes = held.sum() + moreBytes;
    long entries = map.mappingCount() + moreEntries;
    if (moreBytes > 0 && bytes > options.maximumBytes()) {
      throw Recorded.full(keyspace, "max-bytes", bytes, options.maximumBytes());
    } else if (moreEntries > 0 && entries > options.maximumSize()) {
      throw Recorded.full(keyspace, "max-size", entries, options.maximumSize());
    }
  }
}
