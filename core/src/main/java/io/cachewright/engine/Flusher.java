// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.StoreAwayException;
import io.cachewright.engine.Generation.Due;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    /** The store has everything up to this sequence. */
    void reached(long sequence);

    /**
     * Those changes whose key is not parked. The others are added to what is parked, durably: they
     * wait behind it.
     */
    List<Due<?, ?>> unparked(List<Due<?, ?>> changes);

    /** Parks what was refused, durably, and later changes of the same keys with it. */
    void park(List<Due<?, ?>> changes, List<FlushTarget.Refused> refused);
  }

  /** How it goes, for those who ask. */
  record State(long flushes, long retries, @Nullable CacheException failing, boolean stopped) {}

  private final Engine engine;
  private final WriteBehind behind;
  private final FlushTarget target;
  private final String logName;
  private final long epoch;
  private final Surroundings surroundings;
  private final Pause pause = new Pause(PAUSE_FIRST, PAUSE_LONGEST);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile State state = new State(0, 0, /* failing= */ null, /* stopped= */ false);

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
        Generation next = engine.locked(behind::next);
        while (next != null && !isClosing() && !state.stopped()) {
          flush(next);
          next = engine.locked(behind::next);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      log.error("write-behind of log {} stops: a bug, or the journal is closed", logName, e);
      state = new State(state.flushes(), state.retries(), cacheException(e), /* stopped= */ true);
    }
  }

  /** Until it is applied, or there is no more to be done. */
  private void flush(Generation generation) throws InterruptedException {
    surroundings.force(generation.to());
    List<Due<?, ?>> all = generation.toFlush();
    Stretch stretch = new Stretch(logName, epoch, generation.from(), generation.to());
    while (!isClosing()) {
      List<Due<?, ?>> due = surroundings.unparked(all); // in every round: the last may have parked
      Flushed flushed =
          target.flush(parts(due), stretch, refused -> surroundings.park(due, refused));
      if (flushed instanceof Flushed.Unknown unknown) {
        flushed = lookedUp(unknown);
      }
      if (flushed instanceof Flushed.Applied || isThere(flushed, stretch)) {
        applied(generation);
        return;
      } else if (flushed instanceof Flushed.Overtaken overtaken
          && !isWhereItWas(overtaken, stretch)) {
        stop(overtaken.now(), stretch);
        return;
      } else if (flushed instanceof Flushed.TryAgain again) {
        await(again.cause());
      }
    }
  }

  private static List<Transaction.Part<?, ?>> parts(List<Due<?, ?>> due) {
    List<Transaction.Part<?, ?>> parts = new ArrayList<>(due.size());
    for (Due<?, ?> each : due) {
      parts.add(each.part());
    }
    return parts;
  }

  /**
   * Where the log stands after a flush whose connection was lost during commit. If even that cannot
   * be learned, the next try finds the position where it was, or there already.
   */
  private Flushed lookedUp(Flushed.Unknown unknown) {
    try {
      return new Flushed.Overtaken(target.read(logName));
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

  private void applied(Generation generation) {
    List<CompletableFuture<Void>> done = engine.locked(() -> behind.flushed(generation));
    surroundings.reached(generation.to());
    if (state.failing() != null) {
      log.info("write-behind of log {} goes on, at position {}", logName, generation.to());
    }
    pause.reset();
    state = new State(state.flushes() + 1, state.retries(), null, /* stopped= */ false);
    done.forEach(each -> each.complete(null));
  }

  /** F3. */
  private void stop(Claim now, Stretch stretch) {
    CacheException cause = overtaken(now, stretch);
    log.error("{}", cause.getMessage());
    state = new State(state.flushes(), state.retries(), cause, /* stopped= */ true);
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
    state = new State(state.flushes(), state.retries() + 1, cause, /* stopped= */ false);
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
