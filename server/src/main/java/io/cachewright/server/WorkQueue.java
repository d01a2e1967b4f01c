// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.server.Plan.Spot;
import io.cachewright.server.Work.Kind;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Begins a connection's work so early that pipelines become few transactions and few loads, and so
 * late that the client cannot tell it from one after another.
 *
 * <pre>
 *             begins when, of what came before it on this connection, there is no unanswered
 *   READ         write
 *   WRITE        read of the same keys
 *   CHANGE       work on the same keys
 *   TRANSACTION  write, and no work on the same keys
 * </pre>
 *
 * <p>Q1: what waits begins in order, and what comes later does not overtake it on the same keys. So
 * a read sees the writes before it (P3) and none behind it. Q2: answers come back to the event
 * loop, all that are ready in one task.
 */
final class WorkQueue {

  /** A piece of work, from its arrival to its answer. */
  private static final class Ticket {
    final long number;
    final Work work;
    final Object owner;
    boolean answered;

    Ticket(long number, Work work, Object owner) {
      this.number = number;
      this.work = work;
      this.owner = owner;
    }
  }

  /** How often each key is in something. */
  private static final class Keys {
    private final Map<Spot, Integer> counts = new HashMap<>();

    void add(Collection<Spot> spots) {
      spots.forEach(spot -> counts.merge(spot, 1, Integer::sum));
    }

    void remove(Collection<Spot> spots) {
      spots.forEach(spot -> counts.computeIfPresent(spot, (same, n) -> n == 1 ? null : n - 1));
    }

    boolean hasAny(Work work) {
      return !counts.isEmpty() && work.spots().stream().anyMatch(counts::containsKey);
    }
  }

  private record Answered(Ticket ticket, Answer answer) {}

  private final Executor loop;
  private final BiConsumer<Object, Answer> deliver;
  private final Runnable delivered;
  private final ArrayDeque<Ticket> waiting = new ArrayDeque<>();
  private final PriorityQueue<Ticket> writes =
      new PriorityQueue<>(Comparator.comparingLong((Ticket ticket) -> ticket.number));

  /** Keys of reads that have begun and are not answered. */
  private final Keys read = new Keys();

  /** Keys of writes that have begun and are not answered. */
  private final Keys written = new Keys();

  /** Keys of all that waits. */
  private final Keys awaited = new Keys();

  private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private long nextNumber;

  /**
   * @param deliver takes an answer, with the owner that {@link #submit} was given
   * @param delivered is told after a number of answers
   */
  WorkQueue(Executor loop, BiConsumer<Object, Answer> deliver, Runnable delivered) {
    this.loop = loop;
    this.deliver = deliver;
    this.delivered = delivered;
  }

  /**
   * Begins the work now or when its turn comes.
   *
   * @param owner makes who is given the answer, if it is not known at once
   * @return the answer, if it is known at once; then nobody else is given it
   */
  @Nullable Answer submit(Work work, java.util.function.Supplier<Object> owner) {
    if (canOvertake(work) && canStart(work, Long.MAX_VALUE)) {
      Answer now = now(work);
      if (now != null) {
        return now;
      }
      CompletableFuture<Answer> future = work.start();
      if (future.isDone()) {
        return answerOf(future);
      }
      Ticket ticket = new Ticket(nextNumber++, work, owner.get());
      track(ticket, future);
      return null;
    }
    waiting.add(new Ticket(nextNumber++, work, owner.get()));
    awaited.add(work.spots());
    return null;
  }

  private static @Nullable Answer now(Work work) {
    try {
      return work.now();
    } catch (RuntimeException e) {
      return Errors.answer(e);
    }
  }

  /** Q1: only writes overtake, and only on other keys. */
  private boolean canOvertake(Work work) {
    return waiting.isEmpty() || (work.kind() == Kind.WRITE && !awaited.hasAny(work));
  }

  private boolean canStart(Work work, long number) {
    return switch (work.kind()) {
      case READ -> !hasWriteBefore(number);
      case WRITE -> !read.hasAny(work);
      case CHANGE -> !read.hasAny(work) && !written.hasAny(work);
      case TRANSACTION -> !hasWriteBefore(number) && !read.hasAny(work);
    };
  }

  private boolean hasWriteBefore(long number) {
    Ticket first = writes.peek();
    while (first != null && first.answered) {
      writes.remove();
      first = writes.peek();
    }
    return first != null && first.number < number;
  }

  private void track(Ticket ticket, CompletableFuture<Answer> future) {
    Kind kind = ticket.work.kind();
    if (kind != Kind.WRITE) {
      read.add(ticket.work.spots());
    }
    if (kind != Kind.READ) {
      written.add(ticket.work.spots());
      writes.add(ticket);
    }
    var unused =
        future.whenComplete(
            (answer, error) -> {
              answers.add(new Answered(ticket, answerOf(future)));
              schedule();
            });
  }

  private static Answer answerOf(CompletableFuture<Answer> future) {
    try {
      return future.join();
    } catch (RuntimeException e) {
      return Errors.answer(e);
    }
  }

  /** Q2. On any thread. */
  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        loop.execute(this::deliverAll);
      } catch (RejectedExecutionException e) {
        // the server is closing, and so is the client's connection
      }
    }
  }

  private void deliverAll() {
    scheduled.set(false);
    for (Answered next = answers.poll(); next != null; next = answers.poll()) {
      Ticket ticket = next.ticket();
      ticket.answered = true;
      Kind kind = ticket.work.kind();
      if (kind != Kind.WRITE) {
        read.remove(ticket.work.spots());
      }
      if (kind != Kind.READ) {
        written.remove(ticket.work.spots());
      }
      deliver.accept(ticket.owner, next.answer());
    }
    startWaiting();
    delivered.run();
  }

  private void startWaiting() {
    for (Ticket first = waiting.peek(); first != null; first = waiting.peek()) {
      if (!canStart(first.work, first.number)) {
        return;
      }
      waiting.remove();
      awaited.remove(first.work.spots());
      CompletableFuture<Answer> future = first.work.start();
      if (future.isDone()) {
        first.answered = true;
        deliver.accept(first.owner, answerOf(future));
      } else {
        track(first, future);
      }
    }
  }
}
