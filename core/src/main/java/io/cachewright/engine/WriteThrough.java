// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.BadValueException;
import io.cachewright.CacheException;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.RefusedException;
import io.cachewright.store.Outcome;
import io.cachewright.store.StoreGroup;
import io.cachewright.store.Transaction;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Commits writes to a group of stores, then changes the cache, then answers.
 *
 * <pre>
 *   add, under the write lock ─► batcher ─► group.apply(all that gathered)
 *                                                │
 *             ┌─ applied ─► the cache takes what the store made of it ─► answer
 *             ├─ refused, away ─► nothing changes ─► the error
 *             ├─ unknown ─► the entry leaves the cache ─► the error
 *             └─ undone: someone else's fault ─► again, in halves, until only the guilty is left
 * </pre>
 *
 * <p>T1 (P4): the cache changes only after the store has committed, and before the writer is
 * answered. T2: transactions of one group are applied in the order of {@link #add}, one batch at a
 * time. T3: a writer's error is about its own transaction. T4: of several writes of a key in one
 * batch, the cache takes the last alone. The store has shown it to loads already; who has read it
 * must not find an earlier one, not even for the moment between two changes of the table (P3).
 */
final class WriteThrough {
  /** Most transactions in one batch: bounds the harm of a refusal and the time of a commit. */
  private static final int BATCH_MAX = 1_000;

  /** A transaction of a caller, waiting for its outcome. */
  private static final class Pending {
    final List<Write<?, ?>> writes;
    final Runnable alongside;
    final Transaction transaction;
    final CompletableFuture<List<Written<?>>> answer = new CompletableFuture<>();

    /** Whether the cache has what became of it. Under the write lock. */
    boolean settled;

    Pending(List<Write<?, ?>> writes, Runnable alongside, Transaction transaction) {
      this.writes = writes;
      this.alongside = alongside;
      this.transaction = transaction;
    }
  }

  private record Place(Space<?, ?> space, Object key) {}

  private final Engine engine;
  private final StoreGroup group;
  private final boolean transactions;
  private final Batcher<Pending> batcher;

  /**
   * @param transactions whether the group can apply several changes together
   */
  WriteThrough(Engine engine, StoreGroup group, boolean transactions, Space<?, ?> first) {
    this.engine = engine;
    this.group = group;
    this.transactions = transactions;
    this.batcher =
        new Batcher<>(
            new Batcher.Bounds(
                "write-through of keyspace " + first.name(),
                BATCH_MAX,
                /* lanes= */ 1, // T2
                first.options().waitingMax(),
                first.options().waitMax()),
            engine.executor(),
            new Batcher.Work<>() {
              @Override
              public void run(List<Pending> batch, List<Runnable> answers) {
                commit(batch, answers);
              }

              @Override
              public void fail(List<Pending> batch, Throwable error) {
                WriteThrough.this.fail(batch, error);
              }
            });
  }

  boolean transactions() {
    return transactions;
  }

  /** Takes room for one transaction. Not under the write lock, for it may wait. */
  void reserve(boolean mayWait) {
    batcher.reserve(mayWait);
  }

  void release() {
    batcher.release();
  }

  /** Under the write lock, with room reserved; {@link #start} must follow after it. */
  CompletableFuture<List<Written<?>>> add(List<Write<?, ?>> writes, Runnable alongside) {
    List<Transaction.Part<?, ?>> parts = new ArrayList<>(writes.size());
    for (Write<?, ?> write : writes) {
      if (write.reachesStore()) {
        parts.add(write.part());
      }
      write.markPending();
    }
    Pending pending = new Pending(writes, alongside, new Transaction(parts));
    batcher.add(pending);
    return pending.answer;
  }

  void start(boolean callerRuns) {
    batcher.start(callerRuns);
  }

  /** An error in the middle of it: nobody knows which of them the store has committed (P4). */
  private void fail(List<Pending> batch, Throwable error) {
    OutcomeUnknownException unknown =
        new OutcomeUnknownException("a write may or may not be committed: " + error, error);
    engine.lock();
    try {
      for (Pending pending : batch) {
        if (!pending.settled) {
          settle(pending, new Outcome.Unknown<>(unknown), Set.of(), new ArrayList<>(1));
        }
      }
    } finally {
      engine.unlock();
    }
    batch.forEach(pending -> pending.answer.completeExceptionally(unknown));
  }

  private void commit(List<Pending> batch, List<Runnable> answers) {
    long begin = System.nanoTime();
    List<Outcome<List<Written<?>>>> outcomes = apply(batch);
    count(batch, System.nanoTime() - begin);
    List<Pending> undone = new ArrayList<>();
    Set<Write<?, ?>> superseded = superseded(batch, outcomes);
    engine.lock();
    try {
      for (int i = 0; i < batch.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Undone) {
          undone.add(batch.get(i));
        } else {
          settle(batch.get(i), outcomes.get(i), superseded, answers);
        }
      }
    } finally {
      engine.unlock();
    }
    if (undone.isEmpty()) {
      return;
    }
    if (undone.size() < batch.size()) {
      commit(undone, answers);
    } else {
      int half = undone.size() / 2;
      commit(undone.subList(0, half), answers);
      commit(undone.subList(half, undone.size()), answers);
    }
  }

  /**
   * The group's outcomes; what breaks its contract becomes a refusal, so that nobody waits forever.
   * Not an error of the JVM's, such as a stack that is full: see {@link #fail}.
   */
  private List<Outcome<List<Written<?>>>> apply(List<Pending> batch) {
    String fault;
    Throwable cause = null;
    try {
      List<Outcome<List<Written<?>>>> outcomes =
          group.apply(batch.stream().map(pending -> pending.transaction).toList());
      if (outcomes.size() != batch.size()) {
        fault = outcomes.size() + " outcomes for " + batch.size() + " transactions";
      } else if (batch.size() == 1 && outcomes.get(0) instanceof Outcome.Undone) {
        fault = "'undone' for a transaction that was alone";
      } else {
        return outcomes;
      }
    } catch (Exception e) { // a store in another language than Java throws checked ones, too
      fault = e.toString();
      cause = e;
    }
    RefusedException refused =
        cause instanceof RefusedException already
            ? already
            : new RefusedException("the store answered with " + fault, "", cause);
    return batch.stream()
        .<Outcome<List<Written<?>>>>map(pending -> new Outcome.Refused<>(refused))
        .toList();
  }

  /** T4: writes that were applied, and after them in the batch another of the same key. */
  private static Set<Write<?, ?>> superseded(
      List<Pending> batch, List<Outcome<List<Written<?>>>> outcomes) {
    if (isOneWrite(batch)) {
      return Set.of();
    }
    Set<Write<?, ?>> superseded = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<Place, Write<?, ?>> last = new HashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      if (outcomes.get(i) instanceof Outcome.Applied) {
        for (Write<?, ?> write : batch.get(i).writes) {
          Object key = Objects.requireNonNull(write.change().key());
          Write<?, ?> before = last.put(new Place(write.space(), key), write);
          if (before != null) {
            superseded.add(before);
          }
        }
      }
    }
    return superseded;
  }

  /** Under the write lock. */
  private static void settle(
      Pending pending,
      Outcome<List<Written<?>>> outcome,
      Set<Write<?, ?>> superseded,
      List<Runnable> answers) {
    CompletableFuture<List<Written<?>>> answer = pending.answer;
    if (outcome instanceof Outcome.Applied<List<Written<?>>> applied) {
      List<Written<?>> results;
      try {
        results = committed(pending.writes, applied.result(), superseded);
      } catch (BadValueException e) { // in memory, it does not fit on what came there meanwhile
        settle(pending, new Outcome.Unknown<>(halfMade(e)), superseded, answers);
        return;
      }
      pending.alongside.run();
      answers.add(() -> answer.complete(results));
    } else {
      CacheException error = errorOf(outcome);
      for (Write<?, ?> write : pending.writes) {
        write.space().metrics().writeErrors.increment();
        if (outcome instanceof Outcome.Unknown) {
          write.outcomeUnknown();
        }
      }
      answers.add(() -> answer.completeExceptionally(error));
    }
    pending.writes.forEach(Write::clearPending);
    pending.settled = true;
  }

  /** T3: to others of the batch it is nothing. */
  private static OutcomeUnknownException halfMade(BadValueException cause) {
    return new OutcomeUnknownException(
        "the store has committed its part of a transaction, of which another part, in memory only,"
            + " did not fit by then: "
            + cause.getMessage(),
        cause);
  }

  /** What the store wrote, with the writes to memory of the same transaction done now. */
  private static List<Written<?>> committed(
      List<Write<?, ?>> writes, List<Written<?>> fromStore, Set<Write<?, ?>> superseded) {
    List<Written<?>> results = new ArrayList<>(writes.size());
    int next = 0;
    for (Write<?, ?> write : writes) {
      if (write.reachesStore()) {
        Written<?> written = fromStore.get(next++);
        if (!superseded.contains(write)) {
          write.committed(written);
        }
        results.add(written);
      } else {
        results.add(write.applyInMemory());
      }
    }
    return results;
  }

  private static CacheException errorOf(Outcome<?> outcome) {
    if (outcome instanceof Outcome.Refused<?> refused) {
      return refused.cause();
    } else if (outcome instanceof Outcome.TryAgain<?> tryAgain) {
      return tryAgain.cause();
    } else if (outcome instanceof Outcome.Unknown<?> unknown) {
      return unknown.cause();
    }
    throw new IllegalStateException("no error in " + outcome);
  }

  /** A lone writer's batch, of which nothing need be looked up or summed. */
  private static boolean isOneWrite(List<Pending> batch) {
    return batch.size() == 1 && batch.get(0).writes.size() == 1;
  }

  private static void count(List<Pending> batch, long nanos) {
    if (isOneWrite(batch)) {
      batch.get(0).writes.get(0).space().metrics().written(1, nanos);
      return;
    }
    IdentityHashMap<Space<?, ?>, Integer> changes = new IdentityHashMap<>();
    for (Pending pending : batch) {
      for (Write<?, ?> write : pending.writes) {
        if (write.reachesStore()) {
          changes.merge(write.space(), 1, Integer::sum);
        }
      }
    }
    changes.forEach((space, number) -> space.metrics().written(number, nanos));
  }
}
