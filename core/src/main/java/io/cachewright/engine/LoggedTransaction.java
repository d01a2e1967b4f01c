// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.JournalException;
import io.cachewright.journal.Acknowledgement;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a transaction that was logged: complete when its changes have been made in memory
 * and its record is as safe as was promised, whichever comes last. One object for both, since there
 * is one for each write.
 */
final class LoggedTransaction extends CompletableFuture<@Nullable List<Written<?>>>
    implements Acknowledgement {
  private final List<Written<?>> results;
  private final AtomicBoolean half = new AtomicBoolean();
  private long sequence;
  private @Nullable Runnable afterwards;

  LoggedTransaction(int writes) {
    this.results = new ArrayList<>(writes);
  }

  /** Under the write lock, before {@link #applied}. */
  void add(Written<?> result) {
    results.add(result);
  }

  /** What is to be done when both are done, before the caller is answered. Under the write lock. */
  void afterwards(@Nullable Runnable work) {
    afterwards = work;
  }

  private void finish() {
    if (afterwards != null) {
      afterwards.run();
    }
    complete(results);
  }

  /** Its changes have been made. Not under the write lock, for callers' actions may run here. */
  void applied(long logged) {
    sequence = logged;
    if (half.getAndSet(true)) {
      finish();
    }
  }

  /** Of its record, once it is complete. */
  long sequence() {
    return sequence;
  }

  @Override
  public void durable(long logged) {
    if (half.getAndSet(true)) {
      finish();
    }
  }

  @Override
  public void failed(long logged, JournalException cause) {
    completeExceptionally(cause);
  }
}
