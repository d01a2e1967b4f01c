// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Stretch;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table that shows what a record keyspace has. It notes how far it has got with the log, as a
 * {@link FlushTarget} does, and of each change takes the whole value, so that to apply one again
 * does no harm.
 *
 * <pre>
 *   claim ─┬─► flush ─► flush ─► …      what has changed
 *          └─► copy  ─► flush ─► …      everything, where nobody knows what the table has
 * </pre>
 *
 * <p>F1 and F2 of {@link FlushTarget} hold of both. Of one thread, but for {@link #read}.
 */
public interface MirrorTarget<K, V> {

  /**
   * What the table is to have of a key.
   *
   * @param value null: no row
   * @param until when it expires, in milliseconds since 1970; 0: never
   */
  record Mirrored<K, V>(K key, @Nullable V value, long until) {}

  /** One that will never be taken as it is. */
  record Refused<K, V>(Mirrored<K, V> what, RefusedException cause) {}

  /** Keeps what is refused (P6). */
  @FunctionalInterface
  interface Aside<K, V> {
    /**
     * Takes them, durably, before the flush or copy commits that leaves them out; of a copy after
     * the last portion. May be called more than once in it, and again with the same if that fails.
     *
     * @throws io.cachewright.CacheException if they cannot be kept: then nothing must be committed
     */
    void take(List<Refused<K, V>> refused);
  }

  /** All that a table is to have, portion by portion. Of a key what comes later counts. */
  interface Entries<K, V> {
    /**
     * Null after the last.
     *
     * @throws io.cachewright.CacheException if there is no sense in going on
     */
    @Nullable List<Mirrored<K, V>> next();

    /** After the last portion: up to where in the log it is what was there. */
    long to();
  }

  /**
   * Takes the log over: earlier claims can flush no more. The table is made if it is not there.
   *
   * @param log at most 300 characters
   * @return position 0 also if the table had to be made: what it had before is not there any more
   * @throws StoreAwayException if the database cannot be reached
   * @throws io.cachewright.ConfigurationException if the table is not fit for this: says what to do
   */
  Claim claim(String log);

  /**
   * Where the log stands now.
   *
   * @throws StoreAwayException if the database cannot be reached
   */
  Claim read(String log);

  /** Applies changes of distinct keys and moves the position, in one transaction. */
  Flushed flush(List<Mirrored<K, V>> changes, Stretch stretch, Aside<K, V> aside);

  /**
   * Makes the table have these entries and nothing else, and moves the position to their end, in
   * one transaction.
   *
   * @param at where the log stands
   * @param entries asked anew for each attempt
   */
  Flushed copy(String log, Claim at, Supplier<Entries<K, V>> entries, Aside<K, V> aside);

  /**
   * Deletes the rows that have expired.
   *
   * @param now in milliseconds since 1970
   * @throws StoreAwayException if it failed; then later is soon enough
   */
  void sweep(long now);
}
