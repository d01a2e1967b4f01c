// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Store;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings entries from the store into the table.
 *
 * <pre>
 *   miss ─► in flight already? ─ yes ─► wait for that load
 *               │ no
 *               ▼
 *           batcher ─► store.load(all that gathered) ─► fill, under the write lock ─► answer
 * </pre>
 *
 * <p>L1: for a key at most one load is in flight that may fill the table; those who miss share it
 * (P5). L2: a load fills only if no write, evict or refresh of its key came since it was asked for:
 * each of these takes the load out of {@link #inFlight}, and a load that is no longer there answers
 * those who wait but leaves the table alone (the lease of memcache, NSDI'13 §3.2.1). L3: a load
 * that fails leaves the table as it is.
 */
final class Loads<K, V> {

  /** A load that is waited for. Completes with the entry, never with null. */
  static final class Load<K, V> extends CompletableFuture<Entry<V>> {
    final K key;

    Load(K key) {
      this.key = key;
    }
  }

  private final Space<K, V> space;
  private final Store<K, V> store;
  private final ConcurrentHashMap<K, Load<K, V>> inFlight = new ConcurrentHashMap<>();
  private final Batcher<Load<K, V>> batcher;

  Loads(Space<K, V> space, Store<K, V> store) {
    this.space = space;
    this.store = store;
    this.batcher =
        new Batcher<>(
            new Batcher.Bounds(
                "loads of keyspace " + space.name(),
                space.options().loadBatchMax(),
                space.options().loadLanes(),
                space.options().waitingMax(),
                space.options().waitMax()),
            space.engine().executor(),
            this::run);
  }

  /** The load of a key that missed: the one in flight, or a new one. */
  Load<K, V> join(K key, boolean callerRuns) {
    Load<K, V> load = enqueue(key, callerRuns);
    if (!load.isDone()) {
      batcher.start(callerRuns);
    }
    return load;
  }

  /** Joins without starting, so that many keys become one batch; {@link #start} must follow. */
  Load<K, V> enqueue(K key, boolean mayWait) {
    Load<K, V> other = inFlight.get(key);
    if (other != null) {
      return other;
    }
    Load<K, V> mine = new Load<>(key);
    other = inFlight.putIfAbsent(key, mine);
    if (other != null) {
      return other;
    }
    // The load that this caller missed may have filled the table between the look there and here.
    Entry<V> entry = space.table().get(key);
    if (entry != null) {
      inFlight.remove(key, mine);
      mine.complete(entry);
      return mine;
    }
    add(mine, mayWait);
    return mine;
  }

  void start(boolean callerRuns) {
    batcher.start(callerRuns);
  }

  /** A load that begins after now, whatever is in flight or in the table. */
  Load<K, V> refresh(K key, boolean callerRuns) {
    Load<K, V> mine = new Load<>(key);
    space.engine().lock();
    try {
      inFlight.put(key, mine); // L2: the one that was there is overtaken
    } finally {
      space.engine().unlock();
    }
    add(mine, callerRuns);
    batcher.start(callerRuns);
    return mine;
  }

  /** A load in the background, unless one is in flight. For refresh-ahead: nobody waits for it. */
  void refreshAhead(K key) {
    Load<K, V> mine = new Load<>(key);
    if (inFlight.putIfAbsent(key, mine) == null) {
      add(mine, /* mayWait= */ false);
      batcher.start(/* callerRuns= */ false);
    }
  }

  private void add(Load<K, V> mine, boolean mayWait) {
    try {
      batcher.reserve(mayWait);
    } catch (CacheException e) {
      inFlight.remove(mine.key, mine);
      mine.completeExceptionally(e);
      return;
    }
    batcher.add(mine);
  }

  /** L2. Under the write lock, by whatever makes loads in flight too old to fill. */
  void overtake(K key) {
    if (!inFlight.isEmpty()) {
      inFlight.remove(key);
    }
  }

  void overtakeAll() {
    inFlight.clear();
  }

  private Runnable run(List<Load<K, V>> batch) {
    List<Runnable> answers = new ArrayList<>(batch.size());
    load(batch, answers);
    return () -> answers.forEach(Runnable::run);
  }

  private void load(List<Load<K, V>> batch, List<Runnable> answers) {
    Set<K> keys = new LinkedHashSet<>(batch.size() * 2);
    batch.forEach(load -> keys.add(load.key)); // a refresh may have doubled one
    long begin = System.nanoTime();
    Map<K, V> found;
    try {
      found = store.load(keys);
    } catch (RuntimeException | Error e) {
      if (batch.size() > 1 && !(e instanceof StoreAwayException)) {
        // One key may be to blame, and the others must not suffer: look closer.
        int half = batch.size() / 2;
        load(batch.subList(0, half), answers);
        load(batch.subList(half, batch.size()), answers);
      } else {
        fail(batch, e, answers);
      }
      return;
    }
    space.metrics().loaded(keys.size(), System.nanoTime() - begin);
    fill(batch, found, answers);
  }

  private void fill(List<Load<K, V>> batch, Map<K, V> found, List<Runnable> answers) {
    space.engine().lock();
    try {
      for (Load<K, V> load : batch) {
        @Nullable V value = found.get(load.key);
        boolean fills = inFlight.get(load.key) == load; // L2
        Entry<V> entry = space.loaded(load.key, value, fills);
        inFlight.remove(load.key, load); // after the fill: who misses in between must join (L1)
        answers.add(() -> load.complete(entry));
      }
    } finally {
      space.engine().unlock();
    }
  }

  private void fail(List<Load<K, V>> batch, Throwable cause, List<Runnable> answers) {
    space.metrics().loadErrors.add(batch.size());
    Throwable error =
        cause instanceof CacheException || cause instanceof Error
            ? cause
            : new RefusedException(
                "keyspace " + space.name() + ": its store threw on load: " + cause, "", cause);
    for (Load<K, V> load : batch) {
      inFlight.remove(load.key, load);
      answers.add(() -> load.completeExceptionally(error));
    }
  }
}
