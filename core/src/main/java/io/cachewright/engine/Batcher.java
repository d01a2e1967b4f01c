// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.LimitException;
import io.cachewright.NotAllowedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Natural batching: while one batch runs, requests gather; the next batch takes them all. A lone
 * request never waits for company (B5).
 *
 * <pre>
 *   reserve ─► add ─► start ─┬─ a lane is free: run a batch ─► free the lane ─► answer
 *                            └─ none is: whoever frees one sees the request
 * </pre>
 *
 * <p>B1: at most {@code lanes} batches run at once; with one lane, in the order of {@link #add}.
 * B2: a request that was added is in exactly one batch. B3: at most {@code waitingMax} requests
 * wait. B4: a lane is free again before the batch's callers are answered, so that an answer may
 * cause, and even wait for, another request. B5: a batch waits for company only right after a batch
 * that had some, and then for at most half the time that one took. B6: whatever a batch ends with,
 * its lane is free again and each of its callers is answered. B7: when the executor has been shut
 * down, no more requests are let in, and those that were are run by threads that end a batch or
 * ask.
 *
 * <p>B5 is for callers who ask again as soon as they are answered. Without it they part in two
 * halves, of which one is answered while the other's batch runs, and every batch is half of what it
 * could be: 16 writers of rows got half the rate.
 *
 * <p>A caller that waits for its answer anyway may run the batch itself, as the leader of LevelDB's
 * writers does: a lone caller then costs no switch of threads.
 */
final class Batcher<R> {
  /**
   * Longest wait for company, however long batches take: callers come back at once or not at all.
   */
  private static final long COMPANY_NANOS_MAX = 1_000_000;

  /** What is done with requests. */
  interface Work<R> {
    /** Runs a batch and adds what answers its callers. */
    void run(List<R> batch, List<Runnable> answers);

    /** Answers those of a batch that ended with an error who have no answer of their own. */
    void fail(List<R> batch, Throwable error);
  }

  /** What bounds a batcher. */
  record Bounds(String what, int batchMax, int lanes, int waitingMax, Duration waitMax) {}

  private final Bounds bounds;
  private final ExecutorService executor;
  private final Work<R> work;
  private final Queue<R> waiting = new ConcurrentLinkedQueue<>();
  private final Semaphore room;
  private final AtomicInteger freeLanes;

  /** The last batch to end, on whichever lane. */
  private volatile Ended last = new Ended(0, 0);

  /**
   * @param company how many requests there were when it ended: its own and those that waited
   * @param companyUntil until when their callers are waited for
   */
  private record Ended(int company, long companyUntil) {}

  Batcher(Bounds bounds, ExecutorService executor, Work<R> work) {
    this.bounds = bounds;
    this.executor = executor;
    this.work = work;
    this.room = new Semaphore(bounds.waitingMax());
    this.freeLanes = new AtomicInteger(bounds.lanes());
  }

  /**
   * Takes room for one request (B3).
   *
   * @param mayWait whether the caller may be held up
   * @throws LimitException if there is none
   * @throws NotAllowedException if the executor has been shut down (B7)
   */
  void reserve(boolean mayWait) {
    if (executor.isShutdown()) {
      throw new NotAllowedException(bounds.what() + ": this cache has been closed");
    }
    if (room.tryAcquire() || (mayWait && waitForRoom())) {
      return;
    }
    throw new LimitException(
        bounds.what()
            + ": "
            + bounds.waitingMax()
            + " are waiting, which is waitingMax"
            + (mayWait ? gaveUp() : "")
            + ". Try again later, or send less at once");
  }

  /** What has the room may be the caller's own, or of others who wait here: added, not started. */
  private boolean waitForRoom() {
    start(/* callerRuns= */ false);
    try {
      return room.tryAcquire(TimeUnit.NANOSECONDS.convert(bounds.waitMax()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private String gaveUp() {
    return Thread.currentThread().isInterrupted()
        ? "; gave up when interrupted"
        : "; gave up after " + bounds.waitMax().toMillis() + " ms";
  }

  /** Adds a request for which there is room. {@link #start} must follow. */
  void add(R request) {
    waiting.add(request);
  }

  /** Gives room back that was reserved and is not used after all. */
  void release() {
    room.release();
  }

  /**
   * Runs a batch if a lane is free.
   *
   * @param callerRuns whether on this thread
   */
  void start(boolean callerRuns) {
    if (takeLane() && (callerRuns || !passOn())) {
      runBatches();
    }
  }

  /** Whether another thread runs a batch on the lane just taken; none does after B7's shutdown. */
  private boolean passOn() {
    try {
      executor.execute(this::runBatches);
      return true;
    } catch (RejectedExecutionException | Error e) { // closed; no thread, or no stack, to be had
      return false;
    }
  }

  private boolean takeLane() {
    int free = freeLanes.get();
    while (free > 0) {
      if (freeLanes.compareAndSet(free, free - 1)) {
        return true;
      }
      free = freeLanes.get();
    }
    return false;
  }

  /** B5. Yields rather than parks: who is waited for needs a processor, and only for a moment. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it but speed
  private void awaitCompany() {
    Ended before = last;
    int expected = Math.min(before.company(), bounds.batchMax());
    if (expected > 1) {
      while (gathered() < expected && System.nanoTime() - before.companyUntil() < 0) {
        Thread.yield();
      }
    }
  }

  /** How many requests are waiting, or about to. */
  private int gathered() {
    return bounds.waitingMax() - room.availablePermits();
  }

  /** On a lane already taken. */
  private void runBatches() {
    boolean more;
    do {
      more = runOnce();
    } while (more);
  }

  /**
   * Runs one batch on a lane already taken, and passes the lane on.
   *
   * @return whether this thread has a lane again, since there was nobody to pass it on to (B7)
   */
  private boolean runOnce() {
    List<Runnable> answers;
    try {
      answers = runTaken();
    } finally {
      freeLanes.incrementAndGet(); // B4
    }
    // Requests added before the lane was free found none: they are this thread's to start. Those
    // added later find it free.
    boolean left = !waiting.isEmpty() && takeLane() && !passOn();
    if (left) {
      freeLanes.incrementAndGet(); // B4: an answer that waits for one of them runs it
    }
    answers.forEach(Runnable::run);
    return left && !waiting.isEmpty() && takeLane();
  }

  /** What answers the callers of the batch, however it ended (B6). */
  private List<Runnable> runTaken() {
    List<R> taken = new ArrayList<>();
    List<Runnable> answers = new ArrayList<>();
    try {
      awaitCompany();
      long begin = System.nanoTime();
      take(taken);
      if (!taken.isEmpty()) {
        work.run(taken, answers);
        long end = System.nanoTime();
        last =
            new Ended(
                taken.size() + gathered(), end + Math.min((end - begin) / 2, COMPANY_NANOS_MAX));
      }
    } catch (Throwable e) { // a store in another language than Java throws checked ones, too
      answers.add(() -> work.fail(taken, e));
    }
    return answers;
  }

  private void take(List<R> taken) {
    for (R next = waiting.poll(); next != null; next = waiting.poll()) {
      taken.add(next);
      if (taken.size() == bounds.batchMax()) {
        break;
      }
    }
    room.release(taken.size());
  }
}
