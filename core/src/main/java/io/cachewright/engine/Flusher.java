// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.StoreAwayException;
import io.cachewright.engine.Generation.Due;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.Transaction;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flushes generations, one after another, on a thread of its own.
 *
 * <pre>
 *   oldest generation ─► force the journal up to its end ─► target.flush
 *      ▲                                                      ├─ applied ───► forget it
 *      │                                                      ├─ unknown ───► ask where the log is
 *      └─ after a pause ◄─────────────────────────────────────┼─ try again
 *                                                             └─ overtaken ─► stop for good
 * </pre>
 *
 * <p>F1: nothing reaches the store that is not on disk in the journal: what the store has, a
 * restart has, too. F2: a passing failure is tried again for ever, and nothing is dropped (P6). F3:
 * a flusher that was overtaken never writes again (P2).
 */
final class Flusher implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Flusher.class);
  private static final Duration PAUSE_FIRST = Duration.ofMillis(50);
  private static final Duration PAUSE_LONGEST = Duration.ofSeconds(15);

  /** What the flusher needs besides the store. Its calls may wait. */
  interface Surroundings {
    /**
     * F1. Returns when every record up to this one is on disk.
     *
     * @throws CacheException if it never will be
     */
    void force(long sequence);

    /** Whether a segment of the journal is kept only because the store has got no further. */
    boolean holdsJournal();

    /**
     * Those of the changes, of a flush up to this sequence, whose key is not parked, and parked
     * ones that are to be tried again. The others are added to what is parked, durably: they wait
     * behind it.
     */
    List<Due<?, ?>> unparked(List<Due<?, ?>> changes, long to);

    /** The store has the generation. Answers who waits for that. */
    List<CompletableFuture<Void>> flushed(Generation generation);

    /** Parks what was refused, durably, and later changes of the same keys with it. */
    void park(List<Due<?, ?>> changes, List<FlushTarget.Refused> refused);
  }

  /**
   * How it goes, for those who ask.
   *
   * @param rows changes, after coalescing, that all flushes took
   */
  record State(
      long flushes,
      long rows,
      long nanosTotal,
      long nanosLast,
      long retries,
      @Nullable CacheException failing,
      boolean stopped) {

    static final State FIRST = new State(0, 0, 0, 0, 0, /* failing= */ null, /* stopped= */ false);

    State flushed(long more, long nanos) {
      return new State(flushes + 1, rows + more, nanosTotal + nanos, nanos, retries, null, false);
    }

    /** What failed works again, and nothing was flushed for that. */
    State recovered() {
      return new State(flushes, rows, nanosTotal, nanosLast, retries, null, false);
    }

    State failed(CacheException cause) {
      return new State(flushes, rows, nanosTotal, nanosLast, retries + 1, cause, false);
    }

    State stopped(CacheException cause) {
      return new State(flushes, rows, nanosTotal, nanosLast, retries, cause, true);
    }
  }

  private final Engine engine;
  private final WriteBehind behind;
  private final FlushTarget target;
  private final String logName;
  private final long epoch;
  private final Surroundings surroundings;
  private final Pause pause = new Pause(PAUSE_FIRST, PAUSE_LONGEST);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile State state = State.FIRST;

  Flusher(
      Engine engine,
      WriteBehind behind,
      FlushTarget target,
      Claimed claimed,
      Surroundings surroundings) {
    this.engine = engine;
    this.behind = behind;
    this.target = target;
    this.logName = claimed.log();
    this.epoch = claimed.epoch();
    this.surroundings = surroundings;
  }

  /** Which log is flushed, and by which claim. */
  record Claimed(String log, long epoch) {}

  State state() {
    return state;
  }

  @Override
  public void run() {
    try {
      while (!isClosing() && !state.stopped()) {
        behind.awaitDue();
        Generation next = next();
        while (next != null && !isClosing() && !state.stopped()) {
          flush(next);
          next = next();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      log.error("write-behind of log {} stops: a bug, or the journal is closed", logName, e);
      stopped(cacheException(e));
    } finally {
      decide(); // nobody will ever know better
    }
  }

  private @Nullable Generation next() {
    boolean holdsJournal = surroundings.holdsJournal();
    return engine.locked(() -> behind.next(holdsJournal));
  }

  /** Until it is applied, or there is no more to be done. */
  private void flush(Generation generation) throws InterruptedException {
    surroundings.force(generation.to());
    Stretch stretch = new Stretch(logName, epoch, generation.from(), generation.to());
    while (!isClosing()) {
      long begin = System.nanoTime();
      Flushed flushed = attempt(generation, stretch);
      boolean known = true;
      if (flushed instanceof Flushed.Unknown unknown) {
        flushed = lookedUp(unknown, () -> target.read(logName));
        known = !(flushed instanceof Flushed.TryAgain);
      }
      if (flushed instanceof Flushed.Applied || isThere(flushed, stretch)) {
        applied(generation, generation.sizeToFlush(), System.nanoTime() - begin);
        return;
      } else if (known) {
        decide();
      }
      if (flushed instanceof Flushed.Overtaken overtaken && !isWhereItWas(overtaken, stretch)) {
        stop(overtaken.now(), stretch);
        return;
      } else if (flushed instanceof Flushed.TryAgain again) {
        await(again.cause());
      }
    }
  }

  private Flushed attempt(Generation generation, Stretch stretch) {
    List<Due<?, ?>> due;
    try {
      // Each time: the last attempt may have parked.
      due = surroundings.unparked(generation.toFlush(), stretch.to());
    } catch (CacheException e) {
      return new Flushed.TryAgain(new StoreAwayException(String.valueOf(e.getMessage()), e));
    } catch (Error e) { // it may pass, as below
      return new Flushed.TryAgain(new StoreAwayException("a flush ended with " + e, e));
    }
    AtomicBoolean commits = new AtomicBoolean();
    try {
      return target.flush(
          parts(due),
          stretch,
          new FlushTarget.Aside() {
            @Override
            public void take(List<FlushTarget.Refused> refused) {
              surroundings.park(due, refused);
            }

            @Override
            public void committing() {
              commits.set(true);
              engine.runLocked(behind::commits);
            }
          });
    } catch (RuntimeException | Error e) { // it may pass: memory that was short, a driver's bug
      log.error("log {}: a flush ended with an error, and is tried again", logName, e);
      return commits.get()
          ? new Flushed.Unknown(new OutcomeUnknownException("a flush ended with " + e, e))
          : new Flushed.TryAgain(new StoreAwayException("a flush ended with " + e, e));
    }
  }

  private void decide() {
    engine.runLocked(behind::decide);
  }

  /** Each is made when it is asked for: none outlives that. */
  private static List<Transaction.Part<?, ?>> parts(List<Due<?, ?>> due) {
    return new AbstractList<>() {
      @Override
      public Transaction.Part<?, ?> get(int index) {
        return due.get(index).part();
      }

      @Override
      public int size() {
        return due.size();
      }
    };
  }

  /**
   * Where the log stands after a flush whose connection was lost during commit. If even that cannot
   * be learned, the next try finds the position where it was, or there already.
   */
  static Flushed lookedUp(Flushed.Unknown unknown, Supplier<Claim> position) {
    try {
      return new Flushed.Overtaken(position.get());
    } catch (StoreAwayException e) {
      e.addSuppressed(unknown.cause());
      return new Flushed.TryAgain(e);
    }
  }

  /** Whether the store has the stretch, and by our doing: nobody else has our epoch. */
  private boolean isThere(Flushed flushed, Stretch stretch) {
    return flushed instanceof Flushed.Overtaken overtaken
        && overtaken.now().equals(new Claim(epoch, stretch.to()));
  }

  private boolean isWhereItWas(Flushed.Overtaken overtaken, Stretch stretch) {
    return overtaken.now().equals(new Claim(epoch, stretch.from()));
  }

  private void applied(Generation generation, long rows, long nanos) {
    List<CompletableFuture<Void>> done = surroundings.flushed(generation);
    if (state.failing() != null) {
      log.info("write-behind of log {} goes on, at position {}", logName, generation.to());
    }
    pause.reset();
    state = state.flushed(rows, nanos);
    done.forEach(each -> each.complete(null));
  }

  /** F3. */
  private void stop(Claim now, Stretch stretch) {
    CacheException cause = overtaken(now, stretch);
    log.error("{}", cause.getMessage());
    stopped(cause);
  }

  private void stopped(CacheException cause) {
    state = state.stopped(cause);
    engine.locked(() -> behind.stop(cause)).forEach(each -> each.completeExceptionally(cause));
  }

  private CacheException overtaken(Claim now, Stretch stretch) {
    String reason =
        now.epoch() == epoch
            ? "its position was changed by hand or by a restored backup: it is "
                + now.position()
                + ", and should be "
                + stretch.from()
            : "another process has taken the log over: the epoch is "
                + now.epoch()
                + ", ours is "
                + epoch;
    return new StoreAwayException(
        "write-behind of log "
            + logName
            + " has stopped, since "
            + reason
            + " (table cachewright_position). Changes after position "
            + stretch.from()
            + " are in the journal of this process and not in the database",
        null);
  }

  private void await(StoreAwayException cause) throws InterruptedException {
    if (state.failing() == null) {
      log.warn("a flush of log {} failed and is tried again: {}", logName, cause.getMessage());
    }
    state = state.failed(cause);
    boolean closed = closing.await(pause.grow(), TimeUnit.NANOSECONDS);
    log.debug("pause of log {} is over, closing: {}", logName, closed);
  }

  private static CacheException cacheException(Throwable error) {
    return error instanceof CacheException already
        ? already
        : new StoreAwayException(error.toString(), error);
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Ends it after the flush that runs. What waits stays in the journal. */
  void close() {
    closing.countDown();
    behind.wake();
  }
}
