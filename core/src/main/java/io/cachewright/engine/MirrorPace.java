// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.StoreAwayException;
import io.cachewright.store.MirrorTarget;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a mirror works: its thread, its pauses after failures, and who waits for it.
 *
 * <p>The work does one thing at a time, says whether there was one, and does not throw for what
 * passes: it tells {@link #failed}.
 */
final class MirrorPace {
  private static final Logger log = LoggerFactory.getLogger(MirrorPace.class);
  private static final Duration PAUSE_FIRST = Duration.ofMillis(50);
  private static final Duration PAUSE_LONGEST = Duration.ofSeconds(15);

  /** How often an idle mirror looks whether it holds the journal. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Rows that have expired are looked for no more often than this. */
  private static final long SWEEP_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(500);

  /** By so much the engine's clock and the calendar's may differ over an entry's time. */
  private static final long SWEEP_NANOS_MORE = TimeUnit.SECONDS.toNanos(10);

  private final String name;
  private final Clock clock;
  private final long every;
  private final long sweepEvery;
  private final Work work;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Pause pause = new Pause(PAUSE_FIRST, PAUSE_LONGEST);
  private volatile Flusher.State state = Flusher.State.FIRST;

  private final PositionWaiters waiters = new PositionWaiters();

  /** When what waits began to; {@link Entry#NEVER}: nothing does. Of the thread. */
  private long oldestAt = Entry.NEVER;

  /** After this nothing expires that the table has. */
  private volatile long expiresUntil;

  /** When it was tried. Of the thread. */
  private long sweptAt;

  private volatile boolean swept;

  interface Work {
    boolean once() throws InterruptedException;
  }

  MirrorPace(String name, Clock clock, Duration every, Work work) {
    this.name = name;
    this.clock = clock;
    this.every = every.toNanos();
    this.sweepEvery = Math.max(this.every, SWEEP_NANOS_MIN);
    this.work = work;
    this.expiresUntil = clock.nanos();
    this.sweptAt = clock.nanos() - sweepEvery;
    this.thread = new Thread(this::run, "cachewright-mirror");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!isOver()) {
        if (!workOnce() && !isOver()) {
          LockSupport.parkNanos(this, nanosUntilDue());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      if (!isOver()) {
        log.error("mirror {} stops: a bug, or the journal is closed", name, e);
      }
      end(e instanceof CacheException ours ? ours : new StoreAwayException(e.toString(), e));
    }
  }

  /** What an error ends may pass: memory that was short, a full stack. */
  private boolean workOnce() throws InterruptedException {
    try {
      return work.once();
    } catch (Error e) {
      log.error("mirror {}: what it did ended with an error, and is tried again", name, e);
      failed("it ended with an error", new StoreAwayException(e.toString(), e));
      return true;
    }
  }

  private boolean isOver() {
    return closing.getCount() == 0 || state.stopped();
  }

  private long nanosUntilDue() {
    long now = clock.nanos();
    long nanos = oldestAt == Entry.NEVER ? IDLE_NANOS : oldestAt + every - now;
    if (maySweep()) {
      nanos = Math.min(nanos, sweptAt + sweepEvery - now);
    }
    return Math.max(1, Math.min(nanos, IDLE_NANOS));
  }

  // ---- what is due ----

  void wake() {
    LockSupport.unpark(thread);
  }

  /** Since when something waits, or {@link Entry#NEVER}. */
  void oldestAt(long nanos) {
    oldestAt = nanos;
  }

  /** Whether somebody waits for a flush, or what waits to be flushed has waited long enough. */
  boolean isDue() {
    return !waiters.isEmpty() || (oldestAt != Entry.NEVER && clock.nanos() - oldestAt >= every);
  }

  /** Under the write lock: what waits is on its way. */
  void taken() {
    oldestAt = Entry.NEVER;
  }

  /** Something expires then, in the engine's nanoseconds. Under the write lock. */
  void expires(long end) {
    if (end + SWEEP_NANOS_MORE - expiresUntil > 0) {
      expiresUntil = end + SWEEP_NANOS_MORE;
    }
  }

  private boolean maySweep() {
    return !swept || sweptAt - expiresUntil <= 0;
  }

  /** Whether what had expired before the start is gone. */
  boolean hasSwept() {
    return swept;
  }

  boolean isSweepDue() {
    return maySweep() && clock.nanos() - sweptAt >= sweepEvery;
  }

  /** The table has no row that had expired then. */
  void swept(Clocks then) {
    sweptAt = then.nanos();
    swept = true;
  }

  /** Has rows deleted that had expired then. */
  void sweep(MirrorTarget<?, ?> target, Clocks then) throws InterruptedException {
    sweptAt = then.nanos();
    try {
      target.sweep(then.millis());
      swept(then);
      worked();
    } catch (CacheException e) {
      failed("rows that have expired could not be deleted", e);
    }
  }

  // ---- how it went ----

  Flusher.State state() {
    return state;
  }

  /** The table has everything up to this position. */
  void flushed(long position, long rows, long nanos) {
    worked();
    become(now -> now.flushed(rows, nanos));
    waiters.take(position).forEach(each -> each.complete(null));
  }

  void worked() {
    pause.reset();
    if (state.failing() != null) {
      log.info("mirror {} goes on", name);
      become(Flusher.State::recovered);
    }
  }

  /** Says so, once for each reason, and waits a while. */
  void failed(String what, CacheException cause) throws InterruptedException {
    CacheException before = state.failing();
    if (before == null || !Objects.equals(before.getMessage(), cause.getMessage())) {
      log.warn("mirror {}: {}: {}", name, what, cause.getMessage());
    }
    become(now -> now.failed(cause));
    boolean closed = closing.await(pause.grow(), TimeUnit.NANOSECONDS);
    log.debug("pause of mirror {} is over, closing: {}", name, closed);
  }

  /** Unless it has ended: what hung may go on later. */
  private void become(UnaryOperator<Flusher.State> next) {
    synchronized (waiters) {
      state = state.stopped() ? state : next.apply(state);
    }
  }

  /** There will be no more work. */
  void stop(CacheException cause) {
    log.error("{}", cause.getMessage());
    end(cause);
  }

  private void end(CacheException cause) {
    List<CompletableFuture<Void>> all;
    synchronized (waiters) { // nobody joins after that
      state = state.stopped(cause);
      all = waiters.takeAll();
    }
    all.forEach(each -> each.completeExceptionally(cause));
  }

  // ---- who waits ----

  /** When the table has everything up to this sequence; asks for that now. */
  CompletableFuture<Void> whenReached(long sequence) {
    CompletableFuture<Void> waiter;
    synchronized (waiters) {
      CacheException cause = state.failing();
      if (state.stopped() && cause != null) {
        return CompletableFuture.failedFuture(cause);
      }
      waiter = waiters.add(sequence);
    }
    wake();
    return waiter;
  }

  // ---- its end ----

  /** Ends it after what it does just now; {@link #awaitEnd} must follow. */
  void close() {
    closing.countDown();
    wake();
  }

  /** What waits stays in the journal. */
  void awaitEnd(long endNanos) {
    Log.join(thread, endNanos);
    end(
        new StoreAwayException(
            "the cache is closed. What the table of mirror "
                + name
                + " does not have is in the journal, and comes to it after the next start",
            null));
  }
}
