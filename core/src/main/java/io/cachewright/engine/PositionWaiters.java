// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Who waits until a store has got to which position. Whoever gives up leaves. Those who are taken
 * out are the caller's to complete, under no lock. Thread-safe; its monitor is taken last.
 */
final class PositionWaiters {
  private final TreeMap<Long, IdentityHashMap<CompletableFuture<Void>, Boolean>> waiters =
      new TreeMap<>();

  synchronized CompletableFuture<Void> add(long sequence) {
    CompletableFuture<Void> waiter = new CompletableFuture<>();
    waiters.computeIfAbsent(sequence, absent -> new IdentityHashMap<>()).put(waiter, true);
    var unused = waiter.whenComplete((reached, gaveUp) -> leave(sequence, waiter));
    return waiter;
  }

  private synchronized void leave(long sequence, CompletableFuture<Void> waiter) {
    waiters.computeIfPresent(
        sequence,
        (at, all) -> {
          all.remove(waiter);
          return all.isEmpty() ? null : all;
        });
  }

  /** Takes out those who wait for this position or an earlier one. */
  synchronized List<CompletableFuture<Void>> take(long position) {
    List<CompletableFuture<Void>> taken = new ArrayList<>();
    var reached = waiters.headMap(position, true);
    reached.values().forEach(each -> taken.addAll(each.keySet()));
    reached.clear();
    return taken;
  }

  synchronized List<CompletableFuture<Void>> takeAll() {
    return take(Long.MAX_VALUE);
  }

  synchronized boolean isEmpty() {
    return waiters.isEmpty();
  }

  synchronized int size() {
    return waiters.values().stream().mapToInt(IdentityHashMap::size).sum();
  }
}
