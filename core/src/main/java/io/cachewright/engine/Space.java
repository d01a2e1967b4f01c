// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.KeyspaceOptions;
import io.cachewright.KeyspaceStats;
import io.cachewright.NotAllowedException;
import io.cachewright.Pattern;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.Store;
import io.cachewright.store.ValueType;
import io.cachewright.store.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A keyspace as the engine knows it: keys as the store has them, values as the store has them.
 *
 * <p>S1: the table is changed under the engine's write lock, but for entries that leave by
 * themselves. S2: every write touches its key: loads in flight may not fill any more (L2), watches
 * are overtaken. S3: a null value in the table means that the store has none; under look-aside
 * there are none such.
 */
public final class Space<K, V> {
  private final Engine engine;
  private final String name;
  private final Pattern pattern;
  private final KeyspaceOptions options;
  private final Codec<K> keys;
  private final ValueType<V> values;
  private final @Nullable Store<K, V> store;
  private final EntryTable<K, V> table;
  private final SpaceMetrics metrics;
  private final @Nullable Loads<K, V> loads;
  private final @Nullable WriteThrough committer;
  private final KeyMarks<K> marks;
  private final Doubts<K> doubts;
  private final Creations<K, V> creations = new Creations<>(this);
  private final long timeToLive;

  Space(Engine engine, SpaceSpec<K, V> spec) {
    this.engine = engine;
    this.name = spec.name();
    this.pattern = spec.pattern();
    this.options = spec.options();
    this.keys = spec.keys();
    this.values = spec.values();
    this.store = spec.store();
    this.table = new EntryTable<>(options, values, spec.reclaims(), engine);
    this.metrics = new SpaceMetrics(name, table, engine.meters());
    this.marks = new KeyMarks<>();
    this.doubts = new Doubts<>(engine.clock());
    Duration time = options.expireAfterWrite();
    this.timeToLive = time == null ? Entry.NEVER : time.toNanos();
    this.loads = store == null ? null : new Loads<>(this, store);
    this.committer = pattern == Pattern.WRITE_THROUGH ? engine.committer(this) : null;
  }

  // ---- what it is ----

  public Engine engine() {
    return engine;
  }

  public String name() {
    return name;
  }

  public Pattern pattern() {
    return pattern;
  }

  public KeyspaceOptions options() {
    return options;
  }

  Codec<K> keys() {
    return keys;
  }

  public ValueType<V> values() {
    return values;
  }

  public @Nullable Store<K, V> store() {
    return store;
  }

  public KeyspaceStats stats() {
    return metrics.stats();
  }

  EntryTable<K, V> table() {
    return table;
  }

  SpaceMetrics metrics() {
    return metrics;
  }

  @Nullable WriteThrough committer() {
    return committer;
  }

  // ---- reads: no lock ----

  /** The entry if the cache has it; counted as a hit or a miss. Never loads. */
  public @Nullable Entry<V> find(K key) {
    Entry<V> entry = table.get(key);
    if (entry == null) {
      metrics.misses.increment();
      return null;
    }
    metrics.hits.increment();
    if (entry.refreshAt() != Entry.NEVER) {
      refreshAhead(key, entry);
    }
    return entry;
  }

  /** The entry if the cache has it; not counted. */
  public @Nullable Entry<V> peek(K key) {
    return table.get(key);
  }

  /**
   * Loads a key that {@link #find} missed.
   *
   * @param mayRun whether the caller will wait anyway, and may do the work itself
   */
  public CompletableFuture<Entry<V>> load(K key, boolean mayRun) {
    return loads == null ? CompletableFuture.completedFuture(none()) : loads.join(key, mayRun);
  }

  /**
   * As {@link #load}, without waiting, for callers that ask for several keys one after another:
   * their loads gather until {@link #startLoads}, which must follow.
   */
  public CompletableFuture<Entry<V>> gather(K key) {
    return loads == null
        ? CompletableFuture.completedFuture(none())
        : loads.enqueue(key, /* mayWait= */ false);
  }

  /** Starts the loads that {@link #gather} has gathered. */
  public void startLoads() {
    if (loads != null) {
      loads.start(/* callerRuns= */ false);
    }
  }

  /** The entry, loaded if need be. */
  public CompletableFuture<Entry<V>> entry(K key, boolean mayRun) {
    Entry<V> entry = find(key);
    return entry != null ? CompletableFuture.completedFuture(entry) : load(key, mayRun);
  }

  /** The entries of these keys; misses are loaded in one batch. */
  public CompletableFuture<Map<K, Entry<V>>> entries(Collection<? extends K> keys, boolean mayRun) {
    Map<K, CompletableFuture<Entry<V>>> missed = new LinkedHashMap<>();
    Map<K, Entry<V>> found = new LinkedHashMap<>();
    for (K key : keys) {
      Entry<V> entry = find(key);
      if (entry != null) {
        found.put(key, entry);
      } else if (loads != null) {
        missed.put(key, loads.enqueue(key, mayRun));
      }
    }
    if (loads == null || missed.isEmpty()) {
      return CompletableFuture.completedFuture(found);
    }
    loads.start(mayRun);
    return CompletableFuture.allOf(missed.values().toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done -> {
              missed.forEach((key, load) -> found.put(key, load.join()));
              return found;
            });
  }

  /** Loads the key whatever the cache has. */
  public CompletableFuture<Entry<V>> refresh(K key, boolean mayRun) {
    if (loads == null) {
      throw new NotAllowedException(
          "keyspace " + name + " is look-aside: there is no store to refresh " + key + " from");
    }
    return loads.refresh(key, mayRun);
  }

  private void refreshAhead(K key, Entry<V> entry) {
    if (loads != null && entry.refreshAt() - engine.clock().nanos() <= 0) {
      loads.refreshAhead(key);
    }
  }

  /** Every entry, and among them such as have expired or say "no such row". Takes no lock. */
  public Iterator<Map.Entry<K, Entry<V>>> iterator() {
    return table.iterator();
  }

  public long size() {
    return table.size();
  }

  // ---- changes of the cache alone ----

  /** Puts into the cache of a space without a store. The shortest way, for the hottest path. */
  public void set(K key, V value, long expiresAt) {
    engine.lock();
    try {
      metrics.writes.increment();
      table.put(key, entry(value, expiresAt));
      touch(key);
    } finally {
      engine.unlock();
    }
  }

  /** Drops a key from the cache, never from the store (P10). */
  public boolean evict(K key) {
    engine.lock();
    try {
      touch(key);
      return hasValue(table.remove(key));
    } finally {
      engine.unlock();
    }
  }

  /** Drops all keys from the cache, never from the store (P10). */
  public void evictAll() {
    engine.lock();
    try {
      if (loads != null) {
        loads.overtakeAll();
      }
      marks.touchAll();
      table.clear();
    } finally {
      engine.unlock();
    }
  }

  /**
   * Gives the entry another end; nothing else changes, and no watch sees it.
   *
   * @param expiresAt in the engine's nanoseconds, or {@link Entry#NEVER}
   * @return whether there is such an entry
   */
  public boolean expire(K key, long expiresAt) {
    engine.lock();
    try {
      Entry<V> entry = table.get(key);
      return entry != null
          && entry.value() != null
          && table.replace(
              key, entry, new Entry<>(entry.value(), entry.sequence(), expiresAt, Entry.NEVER));
    } finally {
      engine.unlock();
    }
  }

  // ---- watches ----

  /** Notices writes of the key from now on. */
  public Watch watch(K key) {
    Watch watch = new Watch(this, key);
    engine.lock();
    try {
      marks.add(key, watch);
    } finally {
      engine.unlock();
    }
    return watch;
  }

  @SuppressWarnings("unchecked") // a watch is closed where it was opened
  void closeWatch(Watch watch) {
    engine.lock();
    try {
      marks.remove((K) watch.key(), watch);
    } finally {
      engine.unlock();
    }
  }

  // ---- under the write lock, for writes and loads ----

  /** S2. */
  private void touch(K key) {
    if (loads != null) {
      loads.overtake(key);
    }
    marks.touch(key);
  }

  void markPending(K key) {
    if (committer != null) {
      metrics.writes.increment();
      marks.pending(key);
    }
  }

  void clearPending(K key) {
    if (committer != null) {
      marks.settled(key);
    }
  }

  boolean isPending(Object key) {
    return marks.isPending(key);
  }

  CompletableFuture<?> whenQuiet(Object key) {
    return marks.whenQuiet(key);
  }

  /**
   * @throws NotAllowedException if the pattern does not have this change
   */
  void checkAllowed(Change<K, V> change) {
    if (pattern == Pattern.READ_THROUGH && !(change instanceof Change.Remove)) {
      throw new NotAllowedException(
          "keyspace "
              + name
              + " is read-through: write "
              + change.key()
              + " to the database, then evict or refresh it here; or make the keyspace"
              + " write-through");
    }
  }

  /** A change that no store sees: all of look-aside, and a remove under read-through. */
  Written<V> applyInMemory(Write<K, V> write) {
    Change<K, V> change = write.change();
    metrics.writes.increment();
    if (change instanceof Change.Remove) {
      touch(change.key());
      return new Written<>(null, hasValue(table.remove(change.key())));
    }
    Entry<V> present = table.get(change.key());
    boolean existed = present != null && present.value() != null;
    if (change instanceof Change.Insert && present != null && existed) {
      return new Written<>(present.value(), true);
    }
    V value = valueOf(change, present);
    table.put(change.key(), entry(value, expiresAt(write.timeToLive())));
    touch(change.key());
    return new Written<>(value, existed);
  }

  private V valueOf(Change<K, V> change, @Nullable Entry<V> present) {
    if (change instanceof Change.Insert<K, V> insert) {
      return insert.value();
    }
    V patch = ((Change.Put<K, V>) change).value();
    V base = present == null ? null : present.value();
    return base == null ? patch : values.over(base, patch);
  }

  /** The store has committed the change: the cache takes what the store made of it. */
  void committed(Write<K, V> write, Written<V> written) {
    K key = write.change().key();
    touch(key);
    V value = written.value();
    if (value == null && write.change() instanceof Change.Put<K, V> put) {
      value = values.isWhole(put.value()) ? put.value() : null;
    }
    if (value != null) {
      table.put(key, entry(value, expiresAt(write.timeToLive())));
    } else if (write.change() instanceof Change.Remove) {
      putNone(key);
    } else {
      table.remove(key); // what the store has now is not known: the next read asks
    }
  }

  /**
   * P4: perhaps the store has it, perhaps it will have it in a moment. What a load finds before
   * that must not stay, so for a while loads of this key do not fill.
   */
  void outcomeUnknown(K key) {
    touch(key);
    table.remove(key);
    doubts.add(key);
  }

  /** What a load found. It fills unless it was overtaken (L2). */
  Entry<V> loaded(K key, @Nullable V value, boolean fills) {
    if (value == null) {
      return fills && !doubts.has(key) ? putNone(key) : none();
    }
    Entry<V> entry = entry(value, expiresAt(Write.DEFAULT_TIME));
    if (fills && !doubts.has(key)) {
      table.put(key, entry);
    }
    return entry;
  }

  /** Remembers, briefly, that the store has no such key. */
  private Entry<V> putNone(K key) {
    long nanos = options.negativeTimeToLive().toNanos();
    if (nanos == 0) {
      table.remove(key);
      return none();
    }
    Entry<V> none = new Entry<>(null, engine.next(), engine.clock().nanos() + nanos, Entry.NEVER);
    table.put(key, none);
    return none;
  }

  private Entry<V> none() {
    return new Entry<>(null, 0, Entry.NEVER, Entry.NEVER);
  }

  private Entry<V> entry(V value, long expiresAt) {
    return new Entry<>(value, engine.next(), expiresAt, refreshAt(expiresAt));
  }

  private long refreshAt(long expiresAt) {
    Double part = options.refreshAhead();
    if (part == null || expiresAt == Entry.NEVER) {
      return Entry.NEVER;
    }
    long now = engine.clock().nanos();
    return now + (long) ((expiresAt - now) * part);
  }

  /**
   * The end of an entry that is written now.
   *
   * @param time how long it stays, in nanoseconds, or {@link Write#DEFAULT_TIME}
   */
  public long expiresAt(long time) {
    if (time != Write.DEFAULT_TIME) {
      return time == Entry.NEVER ? Entry.NEVER : engine.clock().nanos() + time;
    }
    if (timeToLive == Entry.NEVER) {
      return Entry.NEVER;
    }
    double shorter = options.jitter() * ThreadLocalRandom.current().nextDouble();
    return engine.clock().nanos() + (long) (timeToLive * (1 - shorter));
  }

  private static boolean hasValue(@Nullable Entry<?> entry) {
    return entry != null && entry.value() != null;
  }

  /** One write, and nothing watched. */
  public CompletableFuture<Written<V>> commit(
      Change<K, V> change, long timeToLive, boolean mayRun) {
    return engine
        .commit(List.of(new Write<>(this, change, timeToLive)), List.of(), mayRun)
        .thenApply(Space::single);
  }

  @SuppressWarnings("unchecked") // one write of this space has one outcome of its type
  private static <V> Written<V> single(@Nullable List<Written<?>> written) {
    return (Written<V>) Objects.requireNonNull(written).get(0);
  }

  /** The key's value; if it has none, the one that is made, by one of those who ask. */
  public CompletableFuture<V> createIfAbsent(K key, Supplier<V> create, boolean mayRun) {
    return creations.createIfAbsent(key, create, mayRun);
  }

  /** Several puts in one transaction, or one by one if the store has none. */
  public CompletableFuture<?> commitAll(List<Write<K, V>> writes, boolean mayRun) {
    if (committer == null || committer.transactions()) {
      return engine.commit(writes, List.of(), mayRun);
    }
    List<CompletableFuture<?>> each = new ArrayList<>();
    for (Write<K, V> write : writes) {
      each.add(engine.commit(List.of(write), List.of(), mayRun));
    }
    return CompletableFuture.allOf(each.toArray(CompletableFuture<?>[]::new));
  }
}
