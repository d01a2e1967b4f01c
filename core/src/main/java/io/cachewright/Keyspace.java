// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A named set of entries with one {@link Pattern}. Thread-safe. Every method waits for its result;
 * {@link #async()} has the same methods without waiting.
 *
 * <p>Errors are {@link CacheException}s: {@link StoreAwayException} and {@link RefusedException}
 * from what stands behind, {@link BadValueException} for a key or value that does not fit, {@link
 * NotAllowedException} for what the pattern does not have, {@link OutcomeUnknownException} when the
 * connection was lost while the store committed, {@link LimitException} when too much is waiting.
 * After any of them but {@code OutcomeUnknownException} nothing has changed. When the cache has
 * been closed, what needs a store ends with a {@code NotAllowedException}, too, and what needs the
 * journal with a {@link JournalException}.
 *
 * <p>A thread that is interrupted while it waits stops waiting, by an {@code
 * OutcomeUnknownException}: if it was a write, that goes on.
 *
 * @param <K> keys; they must be immutable with {@code equals} and {@code hashCode}
 * @param <V> values; they must be immutable, for every reader gets the same one
 */
public interface Keyspace<K, V> {

  String name();

  Pattern pattern();

  /**
   * The key's value, or null if it has none. Under a pattern with a store, a miss is loaded; all
   * who miss at once share one load (P5).
   */
  @Nullable V get(K key);

  /** The values of these keys. Keys without a value are left out. Misses are loaded together. */
  Map<K, V> getAll(Collection<? extends K> keys);

  /** The key's value if it is in the cache; never loads, and is not counted as a hit or a miss. */
  @Nullable V peek(K key);

  /**
   * Makes the key's value this one. Look-aside: in the cache. Write-through: returns when the store
   * has committed (P4). Write-behind: returns when the journal has it (P1); the store gets it soon.
   * Read-through: not allowed.
   */
  void put(K key, V value);

  /** The same; the entry leaves the cache after {@code timeToLive}. The store keeps it (P10). */
  void put(K key, V value, Duration timeToLive);

  /**
   * Puts all of them in one transaction: all or none. A store of one's own without a {@link
   * io.cachewright.store.Store#group} has no transactions: there each is put by itself, and an
   * error is about those it names.
   */
  void putAll(Map<? extends K, ? extends V> values);

  /**
   * Changes the value the key has. Atomic among all writers of this cache: no write of the key
   * comes between what {@code change} was given and what it returned. May be called more than once,
   * so it must have no side effects. It runs on the calling thread, under no lock of the cache's.
   * Under write-through only the columns that differ are written (P9).
   *
   * @param change returns the next value; null removes the key
   * @return the value now; null if the key had none (then {@code change} is not called) or has none
   */
  @Nullable V update(K key, Function<? super V, ? extends @Nullable V> change);

  /** As {@link #update}, but called with null for a key that has no value. */
  @Nullable V compute(K key, UnaryOperator<@Nullable V> change);

  /**
   * The key's value; if it has none, the one that {@code create} makes, put through the pattern.
   * All who ask at once get the same value, made on the thread of one of them, or the error of
   * making it; under write-through the store's value, if another process was first.
   *
   * @throws IllegalStateException if {@code create} itself asks for the same key in this way
   */
  V computeIfAbsent(K key, Function<? super K, ? extends V> create);

  /**
   * Removes the key: under write-through its row is deleted; under look-aside and read-through it
   * leaves the cache only.
   *
   * @return whether there was a value to remove
   */
  boolean remove(K key);

  /**
   * Drops the key from the cache, never from the store (P10). For when the store was changed by
   * someone else.
   *
   * @return whether the cache had it
   */
  boolean evict(K key);

  /** Drops every key from the cache, never from the store (P10). */
  void evictAll();

  /** Loads the key again, whatever the cache has. Look-aside: not allowed. */
  @Nullable V refresh(K key);

  /**
   * Lets the entry stay in the cache for this long from now. The store is not touched.
   *
   * @return whether the cache has the key
   */
  boolean expire(K key, Duration timeToLive);

  /** How long the entry stays; null if it is not in the cache or has no end. */
  @Nullable Duration timeToLive(K key);

  /**
   * Returns when the store has every write of this keyspace that was acknowledged before. Only
   * write-behind has something to wait for.
   */
  void flush();

  /**
   * The same keyspace; but under write-behind its writes return when the store has them, or has
   * refused them: then they are parked, which {@code parked()} of the cache tells.
   */
  Keyspace<K, V> untilStored();

  /** About how many entries the cache has. */
  long size();

  /** What has happened since it was opened. */
  KeyspaceStats stats();

  /** The same keyspace without waiting. */
  AsyncKeyspace<K, V> async();
}
