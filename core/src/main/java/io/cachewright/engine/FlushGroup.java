// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.JournalException;
import io.cachewright.StoreAwayException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.engine.Generation.Due;
import io.cachewright.journal.Recovered;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores that are flushed together: what waits for them, and the flusher that brings it there. */
final class FlushGroup implements Flusher.Surroundings {
  private static final Logger log = LoggerFactory.getLogger(FlushGroup.class);

  /**
   * What was replayed is flushed in generations of at least so many records, and so many of them.
   */
  private static final int REPLAY_RECORDS_MIN = 10_000;

  private static final int REPLAY_GENERATIONS_MAX = 64;

  private final Log of;
  private final WriteBehind behind;
  private final Flusher flusher;
  private final Thread thread;

  private FlushGroup(Log of, FlushTarget target, Claim claim) {
    this.of = of;
    this.behind = new WriteBehind(of.engine(), of.parking(), claim.position());
    Recovered recovered = of.journal().recovered();
    long records = recovered.lastSequence() - claim.position();
    behind.expectReplay(
        recovered.lastSequence(),
        (int) Math.max(REPLAY_RECORDS_MIN, records / REPLAY_GENERATIONS_MAX + 1));
    String name = of.journal().log().toString();
    this.flusher =
        new Flusher(of.engine(), behind, target, new Flusher.Claimed(name, claim.epoch()), this);
    this.thread = new Thread(flusher, "cachewright-flusher");
    thread.setDaemon(true);
  }

  /**
   * Takes the log over for this process, and learns how far the store has got.
   *
   * @throws ConfigurationException if that is not a place in this journal
   */
  static FlushGroup claim(Log of, FlushTarget target, String keyspace) {
    String name = of.journal().log().toString();
    Claim claim = target.claim(name);
    Recovered recovered = of.journal().recovered();
    long position = claim.position();
    if (position > recovered.lastSequence()) {
      throw new ConfigurationException(
          "keyspace "
              + keyspace
              + ": its database has got to position "
              + position
              + " of log "
              + name
              + " (table cachewright_position), but the journal ends at "
              + recovered.lastSequence()
              + ": the data directory is older than the database. Restore the newer one; or begin"
              + " with an empty data directory, and what was acknowledged and never flushed is"
              + " lost");
    }
    boolean isNew = claim.epoch() == 1 && !of.hasReplay(keyspace);
    if (position < recovered.firstSequence() - 1 && !isNew) {
      throw new ConfigurationException(
          "keyspace "
              + keyspace
              + ": its database has got to position "
              + position
              + " of log "
              + name
              + " (table cachewright_position), but the journal begins at "
              + recovered.firstSequence()
              + ": it has been told that the database has the changes between. The position was"
              + " changed by hand, or the database is an older copy, or another one. Give it back"
              + " its position, or its newer state; or, if it may do without them, set the position"
              + " to "
              + (recovered.firstSequence() - 1));
    }
    return new FlushGroup(of, target, claim);
  }

  WriteBehind behind() {
    return behind;
  }

  synchronized void start() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  // ---- the flusher's surroundings ----

  @Override
  public void force(long sequence) {
    of.force(sequence);
  }

  @Override
  public boolean holdsJournal() {
    boolean isLarge = of.isLarge();
    return of.engine()
        .locked(
            () ->
                (isLarge || behind.waiting() == 0)
                    && of.journal().couldTrim(behind.position(), behind.newest()));
  }

  @Override
  public List<Due<?, ?>> unparked(List<Due<?, ?>> changes, long to) {
    return of.parking().unparked(behind, changes, to);
  }

  @Override
  public void park(List<Due<?, ?>> changes, List<FlushTarget.Refused> refused) {
    of.parking().park(changes, refused);
  }

  @Override
  public List<CompletableFuture<Void>> flushed(Generation generation) {
    List<ParkedKey<?, ?>> retried = of.parking().retried(behind, generation.to());
    List<CompletableFuture<Void>> done =
        of.engine()
            .locked(
                () -> {
                  of.parking().unplace(retried);
                  return behind.flushed(generation, retried);
                });
    try {
      if (!retried.isEmpty()) {
        of.parking().delete(retried.stream().map(ParkedKey::id).toList());
      }
    } catch (JournalException e) { // they say where they were sent: the next start deletes them
      log.warn("{}", e.getMessage());
    }
    of.trim();
    return done;
  }

  // ---- its end ----

  /** Flushes what waits, until that time at most. */
  void drain(long endNanos) {
    if (thread.getState() == Thread.State.NEW || flusher.state().stopped()) {
      return;
    }
    Log.await(of.flush(behind), endNanos);
  }

  /** Ends it after the flush that runs; {@link #awaitEnd} must follow. */
  void close() {
    flusher.close();
  }

  /** A flush that hangs is decided by its position, at the next start. */
  void awaitEnd(long endNanos) {
    Log.join(thread, endNanos);
    long left = of.engine().locked(behind::waiting);
    String fate =
        String.format(
            "log %s: %,d changes wait in the journal, and will be flushed after the next start",
            of.journal().log(), left);
    if (left > 0) {
      log.warn("{}", fate);
    }
    CacheException closed = new StoreAwayException("the cache is closed. " + fate, null);
    of.engine()
        .locked(() -> behind.end(closed))
        .forEach(each -> each.completeExceptionally(closed));
  }

  // ---- how it goes ----

  WriteBehindStatus status() {
    Flusher.State state = flusher.state();
    return of.engine()
        .locked(
            () ->
                new WriteBehindStatus(
                    of.journal().log().toString(),
                    behind.position(),
                    behind.newest(),
                    behind.waiting(),
                    behind.waitingBytes(),
                    lag(),
                    behind.generations(),
                    state.flushes(),
                    state.rows(),
                    Duration.ofNanos(state.nanosTotal()),
                    Duration.ofNanos(state.nanosLast()),
                    state.retries(),
                    state.failing(),
                    state.stopped(),
                    /* needsCopy= */ false));
  }

  private Duration lag() {
    OptionalLong oldest = behind.oldestAt();
    return oldest.isPresent()
        ? Duration.ofNanos(Math.max(0, of.engine().clock().nanos() - oldest.getAsLong()))
        : Duration.ZERO;
  }
}
