// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How far something has got, and who waits for it to get further. */
final class Progress {
  private record Waiter(long sequence, CompletableFuture<Void> future) {}

  private final PriorityQueue<Waiter> waiters =
      new PriorityQueue<>(Comparator.comparingLong(Waiter::sequence));
  private volatile long reached;
  private volatile @Nullable JournalException failure;

  Progress(long reached) {
    this.reached = reached;
  }

  long reached() {
    return reached;
  }

  /** Why it will get no further; null if it will. */
  @Nullable JournalException failure() {
    return failure;
  }

  synchronized CompletableFuture<Void> when(long sequence) {
    if (reached >= sequence) {
      return CompletableFuture.completedFuture(null);
    } else if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    Waiter waiter = new Waiter(sequence, new CompletableFuture<>());
    waiters.add(waiter);
    return waiter.future();
  }

  void advance(long to) {
    List<Waiter> done = new ArrayList<>(0);
    synchronized (this) {
      reached = to;
      for (Waiter next = waiters.peek();
          next != null && next.sequence() <= to;
          next = waiters.peek()) {
        done.add(waiters.remove());
      }
    }
    done.forEach(waiter -> waiter.future().complete(null));
  }

  void fail(JournalException cause) {
    List<Waiter> failed;
    synchronized (this) {
      failure = cause;
      failed = List.copyOf(waiters);
      waiters.clear();
    }
    failed.forEach(waiter -> waiter.future().completeExceptionally(cause));
  }
}
