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
import java.util.Objects;
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
 * that fails leaves the table as it is. L4: an overtaken load answers with what the table has, or
 * the load that overtook it will find; with what it found itself only if there is neither. It may
 * have found what the later load, which fills, did not: who was told of it must not read what was
 * before it. L5: an overtaken refresh takes the entry out of the table. What overtook it may have
 * been laid over the old one, as a change that waits, or have given it another end; and then what
 * the refresh was to bring would be lost.
 */
final class Loads<K, V> {

  /** A load that is waited for. Completes with the entry, never with null. */
  static final class Load<K, V> extends CompletableFuture<Entry<V>> {
    final K key;

    /** Whether it was asked for because the table's entry may be old. */
    final boolean refreshes;

    Load(K key) {
      this(key, /* refreshes= */ false);
    }

    Load(K key, boolean refreshes) {
      this.key = key;
      this.refreshes = refreshes;
    }

    void completeWith(Load<K, V> other) {
      var unused =
          other.whenComplete(
              (entry, error) -> {
                if (error == null) {
                  complete(entry);
                } else {
                  completeExceptionally(error);
                }
              });
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
            new Batcher.Work<>() {
              @Override
              public void run(List<Load<K, V>> batch, List<Runnable> answers) {
                load(batch, answers);
              }

              @Override
              public void fail(List<Load<K, V>> batch, Throwable error) {
                List<Runnable> answers = new ArrayList<>(batch.size());
                Loads.this.fail(batch, error, answers);
                answers.forEach(Runnable::run);
              }
            });
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
    Load<K, V> mine = new Load<>(key, /* refreshes= */ true);
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

  /**
   * L2. Under the write lock, by whatever makes loads in flight too old to fill. (Not only if there
   * are any: a concurrent map counts while others change it, and may say that it is empty when this
   * load has long been there.)
   */
  void overtake(K key) {
    inFlight.remove(key);
  }

  void overtakeAll() {
    inFlight.clear();
  }

  private void load(List<Load<K, V>> batch, List<Runnable> answers) {
    List<Load<K, V>> asked = batch;
    long number = 0;
    LoggedBehind<K, V> logged = space.loggedBehind();
    if (logged != null) {
      asked = withoutWhole(batch, logged, answers);
      if (asked.isEmpty()) {
        return;
      }
      number = space.engine().locked(logged::loadBegins);
    }
    Set<K> keys = new LinkedHashSet<>(asked.size() * 2);
    asked.forEach(load -> keys.add(load.key)); // a refresh may have doubled one
    long begin = System.nanoTime();
    Map<K, V> found;
    try {
      found = Objects.requireNonNull(store.load(keys), "null in place of a map");
    } catch (Throwable e) { // a store in another language than Java throws checked ones, too
      loadEnds(number, Set.of());
      if (asked.size() > 1 && !(e instanceof StoreAwayException)) {
        // One key may be to blame, and the others must not suffer: look closer.
        int half = asked.size() / 2;
        load(asked.subList(0, half), answers);
        load(asked.subList(half, asked.size()), answers);
      } else {
        fail(asked, e, answers);
      }
      return;
    }
    space.metrics().loaded(keys.size(), System.nanoTime() - begin);
    List<Load<K, V>> again = fill(new Found<>(asked, keys, found, number), answers);
    if (!again.isEmpty()) {
      loadAgain(again, answers);
    }
  }

  /** W4 of {@link WriteBehind}. */
  private void loadAgain(List<Load<K, V>> again, List<Runnable> answers) {
    LoggedBehind<K, V> logged = space.loggedBehind();
    try {
      if (logged != null) {
        logged.awaitDecided();
      }
    } catch (StoreAwayException e) {
      fail(again, e, answers);
      return;
    }
    load(again, answers);
  }

  /** Answers those for which the store needs not be asked; the others are left. */
  private List<Load<K, V>> withoutWhole(
      List<Load<K, V>> batch, LoggedBehind<K, V> logged, List<Runnable> answers) {
    List<Load<K, V>> left = new ArrayList<>(batch.size());
    space.engine().lock();
    try {
      for (Load<K, V> load : batch) {
        if (logged.isWhole(load.key)) {
          fill(load, /* value= */ null, answers);
        } else {
          left.add(load);
        }
      }
    } finally {
      space.engine().unlock();
    }
    return left;
  }

  private Set<K> loadEnds(long number, Set<K> keys) {
    LoggedBehind<K, V> logged = space.loggedBehind();
    return logged == null ? Set.of() : space.engine().locked(() -> logged.loadEnds(number, keys));
  }

  /**
   * What the store had.
   *
   * @param number of the load, for the write-behind
   */
  private record Found<K, V>(List<Load<K, V>> asked, Set<K> keys, Map<K, V> values, long number) {}

  /** Answers those that are to be loaded again. */
  private List<Load<K, V>> fill(Found<K, V> found, List<Runnable> answers) {
    List<Load<K, V>> again = new ArrayList<>(0);
    space.engine().lock();
    try {
      Set<K> flushed = loadEnds(found.number(), found.keys());
      for (Load<K, V> load : found.asked()) {
        if (flushed.contains(load.key)) {
          again.add(load);
        } else {
          fill(load, found.values().get(load.key), answers);
        }
      }
    } finally {
      space.engine().unlock();
    }
    return again;
  }

  /** Under the write lock. */
  private void fill(Load<K, V> load, @Nullable V value, List<Runnable> answers) {
    Load<K, V> newest = inFlight.get(load.key);
    boolean fills = newest == load; // L2
    if (!fills && load.refreshes) {
      space.table().remove(load.key); // L5
    }
    if (!fills && joins(load, newest, answers)) {
      return;
    }
    Entry<V> entry;
    try {
      entry = space.effects().loaded(load.key, value, fills);
    } catch (CacheException e) { // what waits does not fit on what the store has
      fail(List.of(load), e, answers);
      return;
    }
    inFlight.remove(load.key, load); // after the fill: who misses in between must join (L1)
    answers.add(() -> load.complete(entry));
  }

  /**
   * L4. Under the write lock.
   *
   * @param newest the load of the key that may fill, if there is one
   * @return whether there is something that the overtaken load is answered with
   */
  private boolean joins(Load<K, V> overtaken, @Nullable Load<K, V> newest, List<Runnable> answers) {
    Entry<V> present = space.table().get(overtaken.key);
    if (present != null) {
      answers.add(() -> overtaken.complete(present));
    } else if (newest != null) {
      answers.add(() -> overtaken.completeWith(newest));
    }
    return present != null || newest != null;
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
