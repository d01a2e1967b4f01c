// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.OutcomeUnknownException;
import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;
import java.util.List;

/**
 * Stores that take what a log holds, stretch by stretch, and note how far they have got in the same
 * transaction. So each change reaches them exactly once, whoever crashes when.
 *
 * <pre>
 *   claim ─► epoch, position ─► flush (from = position, to) ─► flush ─► …
 *                                        └─ overtaken: another process has claimed the log since
 * </pre>
 *
 * <p>F1: a flush is applied whole, position included, or not at all. F2: a flush whose epoch or
 * whose {@code from} is not what the store has noted changes nothing (fencing).
 */
public interface FlushTarget {

  /**
   * Where a log stands.
   *
   * @param epoch how often the log has been claimed: whoever claimed it last may flush
   * @param position the sequence up to which, and including which, the store has the log's changes;
   *     0 if none
   */
  record Claim(long epoch, long position) {}

  /** A stretch of a log: what came after {@code from}, up to and including {@code to}. */
  record Stretch(String log, long epoch, long from, long to) {}

  /**
   * Takes the log over: earlier claims can flush no more. What is needed to note positions is made
   * on first use.
   *
   * @param log at most 100 characters
   * @throws StoreAwayException if the store cannot be reached
   * @throws io.cachewright.ConfigurationException if the right to make it is missing; shows what to
   *     run
   */
  Claim claim(String log);

  /**
   * Where the log stands now.
   *
   * @throws StoreAwayException if the store cannot be reached
   */
  Claim read(String log);

  /**
   * Applies changes and moves the position, all or nothing, but for what is refused for good: that
   * is given to {@code aside}, and the rest is applied without it. Changes of one key keep their
   * order. Changes of tables joined by foreign keys may come in an order that breaks them on the
   * way: the target sorts them.
   */
  Flushed flush(List<Transaction.Part<?, ?>> changes, Stretch stretch, Aside aside);

  /** Keeps what a store refuses for good (P6). */
  @FunctionalInterface
  interface Aside {
    /**
     * Takes these changes, and all later ones of their keys in this flush, which were not applied
     * either. Called at most once in a flush, within its transaction, when everything else has been
     * applied and before it commits. Should the commit fail, the same may come again.
     *
     * @param refused one of each key that has any, by their places
     * @throws io.cachewright.CacheException if they cannot be kept: then nothing must be committed,
     *     and the flush is to be tried again
     */
    void take(List<Refused> refused);

    /**
     * The flush is about to be committed: until it is answered, others may see it or not. Called
     * within its transaction, before each attempt to commit.
     */
    default void committing() {}
  }

  /**
   * A change that will never be applied as it is.
   *
   * @param place in the list of the flush
   */
  record Refused(int place, RefusedException cause) {}

  /** What became of a flush. */
  sealed interface Flushed {

    /** Committed. */
    record Applied() implements Flushed {}

    /** Not applied, for a passing reason. */
    record TryAgain(StoreAwayException cause) implements Flushed {}

    /** Perhaps applied: {@link #read} tells. */
    record Unknown(OutcomeUnknownException cause) implements Flushed {}

    /**
     * Not applied: the store's epoch or position is another.
     *
     * @param now where the log stands
     */
    record Overtaken(Claim now) implements Flushed {}
  }
}
