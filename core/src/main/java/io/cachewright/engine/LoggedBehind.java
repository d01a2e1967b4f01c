// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Of a write-behind space: its changes reach the store later. */
final class LoggedBehind<K, V> extends Logged<K, V> {
  private final Space<K, V> space;
  private final WriteBehind behind;

  LoggedBehind(Space<K, V> space, Log log, WriteBehind behind) {
    super(log);
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
      value = known(present, put.value());
      space.effects().cache(key, value, write.timeToLive(), sequence);
    } else {
      space.effects().cacheNone(key, sequence);
    }
    space.touch(key);
    space.metrics().writes.increment();
    behind.add(sequence, space, change);
    return new Written<>(value, existed);
  }

  private @Nullable V known(@Nullable Entry<V> present, V patch) {
    V base = present == null ? null : present.value();
    if (base != null) {
      return space.values().over(base, patch);
    }
    return space.values().isComplete(patch) ? patch : null;
  }

  @Override
  void check(Change<K, V> change) {
    if (change instanceof Change.Put<K, V> put && space.values().adds(put.value())) {
      known(space.table().get(put.key()), put.value());
      behind.check(space, put);
    }
  }

  @Override
  void takeRoom(Change<K, V> change, boolean mayWait) {
    CacheException stopped = behind.stopped();
    if (stopped != null) {
      throw stopped;
    }
    space.room().take(Generation.bytesOf(change, space.values()), mayWait);
  }

  @Override
  void giveRoom(Change<K, V> change) {
    space.room().give(Generation.bytesOf(change, space.values()));
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

  /** What a reader sees of a key of which the store has this. */
  @Nullable V over(K key, @Nullable V base) {
    return behind.over(space, key, base);
  }

  /** Of the newest change that a reader of the key sees and the store may not have; 0 if none. */
  long newest(K key) {
    return behind.newest(space, key);
  }
}
