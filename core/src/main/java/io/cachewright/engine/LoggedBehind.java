// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.StoreAwayException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Of a write-behind space: its changes reach the store later. */
final class LoggedBehind<K, V> extends Logged<K, V> {
  private static final long DECIDED_SECONDS_MAX = 2;

  private final Space<K, V> space;
  private final WriteBehind behind;

  LoggedBehind(Space<K, V> space, Log log, WriteBehind behind) {
    super(space, log);
    this.space = space;
    this.behind = behind;
  }

  WriteBehind behind() {
    return behind;
  }

  /**
   * A change that was logged with this sequence. What becomes of it is cached if it is known: of a
   * key that is not cached, a patch of some columns is not, and loads see it laid over what the
   * store has.
   */
  @Override
  Written<V> apply(Write<K, V> write, long sequence) {
    Change<K, V> change = write.change();
    K key = change.key();
    Entry<V> present = space.table().get(key);
    boolean existed = present == null || present.value() != null;
    V value = null;
    if (change instanceof Change.Put<K, V> put) {
      value = Outlook.known(Entry.valueOf(present), put.value(), space.values());
      if (present != null || value != null) { // else there is nothing to take out
        space.effects().cache(key, value, write.expiresAt(), sequence);
      }
    } else {
      space.effects().cacheNone(key, sequence);
    }
    space.touch(key);
    space.metrics().writes.increment();
    behind.add(sequence, space, change);
    return new Written<>(value, existed);
  }

  /**
   * What the key has.
   *
   * @throws io.cachewright.BadValueException if increments that wait of it do not fit together
   */
  Outlook<V> outlook(K key) {
    V known = Entry.valueOf(space.table().get(key));
    return new Outlook<>(known, behind.waiting(space, key), behind.sums(space, key));
  }

  @Override
  void check(Change<K, V> change) {
    if (change instanceof Change.Put<K, V> put && space.values().adds(put.value())) {
      outlook(put.key()).after(put, space.values());
    }
  }

  @Override
  PendingRoom room() {
    return space.room();
  }

  @Override
  void checkRuns() {
    CacheException stopped = behind.stopped();
    if (stopped != null) {
      throw stopped;
    }
  }

  @Override
  CompletableFuture<Void> flush() {
    return log().flush(behind);
  }

  @Override
  WriteBehindStatus status() {
    return log().status(behind);
  }

  /** Whether the store needs not be asked for the key. */
  boolean isWhole(K key) {
    return behind.isWhole(space, key);
  }

  /** A load begins; {@link #loadEnds} must follow with what this answers. */
  long loadBegins() {
    return behind.loadBegins();
  }

  /** Those of a load's keys that are to be loaded again. */
  Set<K> loadEnds(long begun, Set<K> keys) {
    return behind.loadEnds(begun, space, keys);
  }

  /**
   * Waits until it is known what has become of a commit, which is soon, or the database is away.
   *
   * @throws StoreAwayException if it is not known for long
   */
  void awaitDecided() {
    CompletableFuture<Void> decided = space.engine().locked(behind::decided);
    try {
      // Not interruptibly: others wait for what this thread loads.
      decided.copy().orTimeout(DECIDED_SECONDS_MAX, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw new StoreAwayException(
          "keyspace "
              + space.name()
              + ": it is not known yet whether the database has committed the last flush, so its"
              + " rows of it cannot be loaded",
          e);
    }
  }

  /** What a reader sees of a key of which the store has this. */
  @Nullable V over(K key, @Nullable V base) {
    return behind.over(space, key, base);
  }

  /** Of the newest change that a reader of the key sees and the store may not have; 0 if none. */
  long newest(K key) {
    return behind.newest(space, key);
  }
}
