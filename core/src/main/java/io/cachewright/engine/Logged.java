// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.WriteBehindStatus;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a space does besides if its changes are acknowledged by the journal. All of it under the
 * write lock, but for room.
 *
 * <p>An entry's sequence is that of the newest logged change that it shows: readers wait until the
 * journal has got there (P3).
 */
abstract sealed class Logged<K, V> permits LoggedBehind, Recorded {
  private final Space<K, V> space;
  private final Log log;

  Logged(Space<K, V> space, Log log) {
    this.space = space;
    this.log = log;
  }

  final Space<K, V> space() {
    return space;
  }

  final Log log() {
    return log;
  }

  /** Room for what waits after a change; null if none is needed but that in the table. */
  abstract @Nullable PendingRoom room();

  /**
   * @throws io.cachewright.CacheException if a change would wait for ever
   */
  abstract void checkRuns();

  /**
   * What is logged must fit: nothing may fail after that.
   *
   * @throws io.cachewright.BadValueException if the change does not fit what it would be laid over:
   *     an increment that goes beyond what a column can hold
   * @throws io.cachewright.LimitException if there is no room for it
   */
  abstract void check(Change<K, V> change);

  /** Makes a change that was logged with this sequence. */
  abstract Written<V> apply(Write<K, V> write, long sequence);

  /** Flushes what waits of it, and of all it is flushed with. Under no lock. */
  abstract CompletableFuture<Void> flush();

  /** How far its changes have got; null if they go nowhere. Under no lock. */
  abstract @Nullable WriteBehindStatus status();
}
