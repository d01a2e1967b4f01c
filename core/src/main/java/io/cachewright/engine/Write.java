// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.Transaction;
import io.cachewright.store.Written;
import java.util.Objects;

/**
 * A change on its way into a space.
 *
 * @param timeToLive how long its entry stays in the cache, in nanoseconds; {@link #DEFAULT_TIME}:
 *     as the keyspace says
 */
public record Write<K, V>(Space<K, V> space, Change<K, V> change, long timeToLive) {
  public static final long DEFAULT_TIME = -1;

  public Write(Space<K, V> space, Change<K, V> change) {
    this(space, change, DEFAULT_TIME);
  }

  void checkAllowed() {
    space.checkAllowed(change);
  }

  boolean reachesStore() {
    return space.committer() != null;
  }

  Transaction.Part<K, V> part() {
    return new Transaction.Part<>(Objects.requireNonNull(space.store()), change);
  }

  Written<V> applyInMemory() {
    return space.applyInMemory(this);
  }

  /** Under the write lock: the store has committed it, and made of it what {@code written} says. */
  @SuppressWarnings("unchecked") // a part's outcome has the type of its store
  void committed(Written<?> written) {
    space.committed(this, (Written<V>) written);
  }

  void markPending() {
    space.markPending(change.key());
  }

  void clearPending() {
    space.clearPending(change.key());
  }

  void outcomeUnknown() {
    space.outcomeUnknown(change.key());
  }
}
