// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.KeyspaceOptions;
import io.cachewright.KeyspaceStats;
import io.cachewright.NotAllowedException;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindStatus;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.Store;
import io.cachewright.store.ValueType;
import io.cachewright.store.Written;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
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
  private final Effects<K, V> effects;
  private final Creations<K, V> creations = new Creations<>(this);
  private final Lifetimes lifetimes;
  private final PendingRoom room;
  private final @Nullable Logged<K, V> logged;
  private final @Nullable LoggedBehind<K, V> loggedBehind;

  /**
   * @param behind where changes wait that are logged; null if they are not
   */
  Space(Engine engine, SpaceSpec<K, V> spec, @Nullable WriteBehind behind) {
    this.engine = engine;
    this.name = spec.name();
    this.pattern = spec.pattern();
    this.options = spec.options();
    this.keys = spec.keys();
    this.values = spec.values();
    this.store = spec.store();
    this.table = EntryTable.of(spec, engine);
    this.metrics = new SpaceMetrics(name, table, engine.registry());
    this.marks = new KeyMarks<>(engine.executor());
    this.lifetimes = new Lifetimes(options, engine.clock());
    long pending = options.writeBehind().maxPending();
    this.room = new PendingRoom("keyspace " + name, pending, engine::roomGiven);
    this.loggedBehind =
        behind == null ? null : new LoggedBehind<>(this, engine.requireLog(name), behind);
    this.logged = loggedBehind != null ? loggedBehind : Recorded.of(this, spec);
    this.effects = new Effects<>(this, lifetimes);
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

  Effects<K, V> effects() {
    return effects;
  }

  /** Room for what waits to be flushed. */
  PendingRoom room() {
    return room;
  }

  /** What it does besides if its changes are logged; else null. */
  @Nullable Logged<K, V> logged() {
    return logged;
  }

  public boolean isLogged() {
    return logged != null;
  }

  @Nullable WriteBehind behind() {
    return loggedBehind == null ? null : loggedBehind.behind();
  }

  /** How far its changes have got; null if they are not written behind or mirrored. */
  public @Nullable WriteBehindStatus writeBehind() {
    return logged == null ? null : logged.status();
  }

  /** What it does besides under write-behind; else null. */
  @Nullable LoggedBehind<K, V> loggedBehind() {
    return loggedBehind;
  }

  // ---- reads: no lock ----

  /** The entry if the cache has it; counted. Never loads. To be shown only if {@link #isSafe}. */
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

  /** Whether no crash can take back what the entry shows (P3). */
  public boolean isSafe(Entry<V> entry) {
    return entry.sequence() == 0 || logged == null || entry.sequence() <= logged.log().durable();
  }

  /** The entry, once it is safe. Fails if the journal has closed before. */
  public CompletableFuture<Entry<V>> whenSafe(Entry<V> entry) {
    return isSafe(entry) || logged == null
        ? CompletableFuture.completedFuture(entry)
        : logged.log().whenDurable(entry.sequence()).thenApply(durable -> entry);
  }

  private CompletableFuture<Entry<V>> whenSafe(CompletableFuture<Entry<V>> entry) {
    return logged == null ? entry : entry.thenCompose(this::whenSafe);
  }

  /** The entry if the cache has it; not counted. See {@link #isSafe}. */
  public @Nullable Entry<V> peek(K key) {
    return table.get(key);
  }

  /**
   * Loads a key that {@link #find} missed.
   *
   * @param mayRun whether the caller will wait anyway, and may do the work itself
   */
  public CompletableFuture<Entry<V>> load(K key, boolean mayRun) {
    return loads == null
        ? CompletableFuture.completedFuture(Entry.none())
        : whenSafe(loads.join(key, mayRun));
  }

  /**
   * As {@link #load}, without waiting, for callers that ask for several keys one after another:
   * their loads gather until {@link #startLoads}, which must follow.
   */
  public CompletableFuture<Entry<V>> gather(K key) {
    return loads == null
        ? CompletableFuture.completedFuture(Entry.none())
        : whenSafe(loads.enqueue(key, /* mayWait= */ false));
  }

  /** Starts the loads that {@link #gather} has gathered. */
  public void startLoads() {
    if (loads != null) {
      loads.start(/* callerRuns= */ false);
    }
  }

  /** The entry, loaded if need be, once it is safe. */
  public CompletableFuture<Entry<V>> entry(K key, boolean mayRun) {
    Entry<V> entry = find(key);
    return entry != null ? whenSafe(entry) : load(key, mayRun);
  }

  /**
   * The entry, loaded if need be, safe or not: for those who log a change after it, whose
   * acknowledgement then says that both are.
   */
  CompletableFuture<Entry<V>> newestEntry(K key, boolean mayRun) {
    Entry<V> entry = find(key);
    return entry != null || loads == null
        ? CompletableFuture.completedFuture(entry == null ? Entry.none() : entry)
        : loads.join(key, mayRun).thenApply(loaded -> loaded);
  }

  /** The entries of these keys; misses are loaded in as few batches as can be. */
  public CompletableFuture<Map<K, Entry<V>>> entries(Collection<? extends K> keys, boolean mayRun) {
    Map<K, CompletableFuture<Entry<V>>> missed = new LinkedHashMap<>();
    Map<K, Entry<V>> found = new LinkedHashMap<>();
    boolean mayWait = mayRun;
    for (K key : keys) {
      Entry<V> entry = find(key);
      if (entry != null) {
        found.put(key, entry);
      } else if (loads != null) {
        CompletableFuture<Entry<V>> load = loads.enqueue(key, mayWait);
        missed.put(key, load);
        mayWait &= !load.isCompletedExceptionally(); // one wait in vain is enough
        if (missed.size() % options.loadBatchMax() == 0) {
          loads.start(/* callerRuns= */ false); // or there would never be room for the others
        }
      }
    }
    if (loads == null || missed.isEmpty()) {
      return allSafe(found);
    }
    loads.start(mayRun);
    return CompletableFuture.allOf(missed.values().toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done -> {
              missed.forEach((key, load) -> found.put(key, load.join()));
              return found;
            })
        .thenCompose(this::allSafe);
  }

  private CompletableFuture<Map<K, Entry<V>>> allSafe(Map<K, Entry<V>> entries) {
    if (logged == null) {
      return CompletableFuture.completedFuture(entries);
    }
    Entry<V> newest = Entry.none();
    for (Entry<V> each : entries.values()) {
      newest = each.sequence() > newest.sequence() ? each : newest;
    }
    return whenSafe(newest).thenApply(safe -> entries);
  }

  /** Loads the key whatever the cache has. */
  public CompletableFuture<Entry<V>> refresh(K key, boolean mayRun) {
    if (loads == null) {
      throw new NotAllowedException(
          "keyspace "
              + name
              + " is "
              + pattern.word()
              + ": there is no store to refresh "
              + key
              + " from");
    }
    return whenSafe(loads.refresh(key, mayRun));
  }

  private void refreshAhead(K key, Entry<V> entry) {
    if (loads != null && entry.refreshAt() - engine.clock().nanos() <= 0) {
      loads.refreshAhead(key);
    }
  }

  /** Every entry, and among them such as have expired or say "no such row". */
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
      table.put(key, lifetimes.entry(value, expiresAt, /* sequence= */ 0));
      touch(key);
    } finally {
      engine.unlock();
    }
  }

  /** Drops a key from the cache, never from the store (P10). */
  public boolean evict(K key) {
    checkEvictable();
    engine.lock();
    try {
      touch(key);
      return Effects.hasValue(table.remove(key));
    } finally {
      engine.unlock();
    }
  }

  private void checkEvictable() {
    if (pattern.isRecord()) {
      throw new NotAllowedException(
          "keyspace "
              + name
              + " is record: nothing stands behind it, so nothing can be dropped;"
              + " remove what is to be gone");
    }
  }

  /** Drops all keys from the cache, never from the store (P10). */
  public void evictAll() {
    checkEvictable();
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
   * Gives the entry another end; nothing else changes. A watch sees it, as in Redis.
   *
   * @param expiresAt in the engine's nanoseconds, or {@link Entry#NEVER}
   * @return whether there is such an entry
   */
  public boolean expire(K key, long expiresAt) {
    engine.lock();
    try {
      return effects.expire(key, expiresAt);
    } finally {
      engine.unlock();
    }
  }

  /** Flushes what waits of this space, and of all it is flushed with. */
  public CompletableFuture<Void> flush() {
    return logged == null ? CompletableFuture.completedFuture(null) : logged.flush();
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
  void touch(K key) {
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

  /**
   * The end of an entry that is written now.
   *
   * @param time how long it stays, in nanoseconds, or {@link Write#DEFAULT_TIME}
   */
  public long expiresAt(long time) {
    return lifetimes.expiresAt(time);
  }

  /** How long an entry stays that nothing is said of, in nanoseconds, or {@link Entry#NEVER}. */
  long defaultTimeToLive() {
    return lifetimes.chosen();
  }

  public CompletableFuture<Written<V>> commit(
      Change<K, V> change, long timeToLive, boolean mayRun) {
    Write<K, V> write = new Write<>(this, change, timeToLive);
    return engine.commit(List.of(write), List.of(), mayRun).thenApply(Space::single);
  }

  /** For those who do not ask what has become of it. */
  CompletableFuture<Void> write(Change<K, V> change, long timeToLive, boolean mayRun) {
    Write<K, V> write = new Write<>(this, change, timeToLive);
    return engine.commit(List.of(write), List.of(), mayRun).thenApply(written -> null);
  }

  @SuppressWarnings("unchecked") // one write of this space has one outcome of its type
  private static <V> Written<V> single(@Nullable List<Written<?>> written) {
    return (Written<V>) Objects.requireNonNull(written).get(0);
  }

  Creations<K, V> creations() {
    return creations;
  }

  /** Several puts in one transaction, or one by one if the store has none. */
  public CompletableFuture<?> commitAll(List<Write<K, V>> writes, boolean mayRun) {
    if (committer == null || committer.transactions()) {
      return engine.commit(writes, List.of(), mayRun);
    }
    return CompletableFuture.allOf(
        writes.stream()
            .map(write -> engine.commit(List.of(write), List.of(), mayRun))
            .toArray(CompletableFuture<?>[]::new));
  }
}
