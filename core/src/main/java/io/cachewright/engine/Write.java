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
 *     as the keyspace says; {@link #UNTIL}: up to its end
 * @param end if it was said when that is, and not after how long: in the engine's nanoseconds. Time
 *     passes until the write is made, and a key that is written over and over must not last longer
 *     for that
 */
public record Write<K, V>(Space<K, V> space, Change<K, V> change, long timeToLive, long end) {
  public static final long DEFAULT_TIME = -1;
  private static final long UNTIL = -2;

  public Write(Space<K, V> space, Change<K, V> change, long timeToLive) {
    this(space, change, timeToLive, /* end= */ 0);
  }

  public Write(Space<K, V> space, Change<K, V> change) {
    this(space, change, DEFAULT_TIME);
  }

  /** Of an entry that has this end, in the engine's nanoseconds, or {@link Entry#NEVER}. */
  static <K, V> Write<K, V> until(Space<K, V> space, Change<K, V> change, long end) {
    return end == Entry.NEVER
        ? new Write<>(space, change, Entry.NEVER)
        : new Write<>(space, change, UNTIL, end);
  }

  /**
   * The end of its entry if it is made now, in the engine's nanoseconds, or {@link Entry#NEVER}.
   */
  long expiresAt() {
    return timeToLive == UNTIL ? end : space.expiresAt(timeToLive);
  }

  /** How long its entry stays if it is made now, in nanoseconds, or {@link Entry#NEVER}. */
  long timeLeft() {
    return timeToLive == UNTIL ? end - space.engine().clock().nanos() : timeToLive;
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

  /** About how much memory it takes while it waits. */
  long bytes() {
    return Generation.bytesOf(change, space.values());
  }

  /** About how much memory the value takes that is put; 0 if none is. */
  long valueBytes() {
    return change instanceof Change.Put<K, V> put ? space.values().bytes(put.value()) : 0;
  }

  /** The same with a time to live that says itself how long that is, if it is to be logged. */
  Write<K, V> resolved() {
    return isResolved() ? this : new Write<>(space, change, space.defaultTimeToLive());
  }

  boolean isResolved() {
    return timeToLive != DEFAULT_TIME || !space.pattern().isRecord();
  }

  /** Under the write lock, before it is logged: see {@link Logged#check}. */
  void checkFits() {
    Logged<K, V> logged = space.logged();
    if (logged != null) {
      logged.check(change);
    }
  }

  /** Whether it adds to what is there, so that whether it fits depends on the writes before it. */
  boolean adds() {
    return change instanceof Change.Put<K, V> put && space.values().adds(put.value());
  }

  /** Under the write lock: it is in the log, with this sequence. */
  Written<V> applyLogged(long sequence) {
    return Objects.requireNonNull(space.logged()).apply(this, sequence);
  }

  Written<V> applyInMemory() {
    return space.effects().applyInMemory(this);
  }

  /** Under the write lock: the store has committed it, and made of it what {@code written} says. */
  @SuppressWarnings("unchecked") // a part's outcome has the type of its store
  void committed(Written<?> written) {
    space.effects().committed(this, (Written<V>) written);
  }

  void markPending() {
    space.markPending(change.key());
  }

  void clearPending() {
    space.clearPending(change.key());
  }

  void outcomeUnknown() {
    space.effects().outcomeUnknown(change.key());
  }
}
