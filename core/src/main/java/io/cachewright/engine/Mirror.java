// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.StoreAwayException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.engine.Gathered.Taken;
import io.cachewright.engine.Replays.Replayed;
import io.cachewright.journal.Recovered;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.MirrorTarget.Mirrored;
import io.cachewright.store.MirrorTarget.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a record space has into a table, on a thread of its own.
 *
 * <pre>
 *   claim ─┬─ position in the journal ─► keys that changed after it are gathered ─┐
 *          └─ not there, or 0 ─────────► copy                                     ▼
 *   write ─► table of entries, {@link Gathered} ─► due ─► force the journal ─► flush ─► position
 *                                  └─ too much ─► dropped ─► copy
 * </pre>
 *
 * <p>M1: the table shows a past state of the space, the one at its position, whoever crashes when
 * (P2); but for what was refused, which is parked (P6). M2: no writer waits for it, and no start
 * (P7, P8): all that fails here is tried again, and shown. M3: F1 of {@link Flusher} holds: the
 * table has nothing that a restart might not have. M4: the journal is held for it as long as that
 * is cheap; if a crash finds it gone, there is a copy.
 */
final class Mirror<K, V> {
  private static final Logger log = LoggerFactory.getLogger(Mirror.class);

  /** Keys are looked up in portions, so that nobody waits long for the write lock. */
  private static final int PORTION = 1_000;

  private final Space<K, V> space;
  private final Log of;
  private final MirrorSpec<K, V> spec;
  private final String name;
  private final Gathered<K, V> gathered;
  private final MirrorPace pace;

  /** Until the first claim: the keys that the journal had, and the newest change of each. */
  private Map<K, Long> replayed = new HashMap<>();

  /**
   * When the keyspace was forgotten. What the table has from before that is nothing to build on.
   */
  private long forgottenAt;

  /** Null: to be claimed, again if something is amiss. Its position is where the table stands. */
  private volatile @Nullable Claim claim;

  /** Where the table stood when that was last known; -1: never. */
  private volatile long position = -1;

  /** Of the thread. */
  private boolean toldBehind;

  Mirror(Space<K, V> space, Log of, MirrorSpec<K, V> spec) {
    this.space = space;
    this.of = of;
    this.spec = spec;
    this.name = of.journal().log() + "/" + space.name();
    Clock clock = space.engine().clock();
    this.gathered = new Gathered<>(space.values(), clock, spec.options().maxPending());
    this.pace = new MirrorPace(name, clock, spec.options().every(), this::work);
  }

  // ---- the space ----

  /** The space is being opened. */
  void read(Replays replays) {
    forgottenAt = replays.forgottenAt(space.name());
    for (Replayed<K, V> each : replays.changes(space, /* above= */ 0)) {
      replayed.put(each.change().key(), each.sequence());
    }
    if (gathered.isTooMuch(replayed.size())) {
      replayed.clear();
      behind();
    }
  }

  /** The space has all its entries. */
  void start() {
    pace.start();
  }

  /** Under the write lock: a logged change has made this the key's entry. */
  void changed(K key, @Nullable Entry<V> entry) {
    if (entry != null && entry.expiresAt() != Entry.NEVER) {
      pace.expires(entry.expiresAt());
    }
    if (gathered.add(key, entry == null ? Entry.none() : entry)) {
      pace.wake();
    }
  }

  private void behind() {
    space
        .engine()
        .runLocked(
            () -> {
              gathered.fallBehind();
            });
  }

  /** Up to where the journal is not needed (M4). */
  long neededFrom() {
    boolean holds = claim != null && !of.isLarge();
    return holds && space.engine().locked(gathered::isFollowing) ? position : Long.MAX_VALUE;
  }

  /** When the table has everything that was logged so far; soon. */
  CompletableFuture<Void> flush() {
    return space
        .engine()
        .locked(
            () ->
                claim != null && pace.hasSwept() && gathered.isUpToDate()
                    ? CompletableFuture.completedFuture(null)
                    : pace.whenReached(of.journal().lastSequence()));
  }

  /** Has what is parked of a key tried again, as the key is now. */
  CompletableFuture<Void> retry(K key) {
    of.reserveNote();
    return space
        .engine()
        .locked(
            () -> {
              changed(key, space.table().get(key));
              return pace.whenReached(of.note()); // a flush that runs does not get so far
            });
  }

  long position() {
    return position;
  }

  // ---- the work, on the thread of its pace ----

  /** Does one thing that is due; answers whether there was one. */
  private boolean work() throws InterruptedException {
    Claim now = claim;
    if (now == null) {
      claim();
    } else if (space.engine().locked(gathered::isBehind)) {
      tellBehind();
      copy(now);
    } else if (pace.isSweepDue()) {
      sweep(now);
    } else if (isDue()) {
      flush(now);
    } else {
      return false;
    }
    return true;
  }

  /** Once, until it has been made up for. */
  private void tellBehind() {
    if (!toldBehind && position > 0) {
      log.warn(
          "mirror of keyspace {}: nobody knows any more what its table lacks, which stands at"
              + " position {}; it is copied whole as soon as that can be. At most {} bytes of"
              + " changes may wait",
          space.name(),
          position,
          spec.options().maxPending());
    }
    toldBehind = true;
  }

  private boolean isDue() {
    boolean isLarge = of.isLarge();
    return space
        .engine()
        .locked(
            () -> {
              pace.oldestAt(gathered.isOpenEmpty() ? Entry.NEVER : gathered.openSince());
              return gathered.isTaken()
                  || gathered.isLarge()
                  || pace.isDue()
                  || ((isLarge || gathered.isEmpty())
                      && of.journal().couldTrim(position, of.journal().lastSequence()));
            });
  }

  private void claim() throws InterruptedException {
    Claim next;
    try {
      next = spec.target().claim(name);
    } catch (CacheException e) {
      pace.failed("its table cannot be used", e);
      return;
    }
    pace.worked();
    boolean known = position < 0 ? isInJournal(next.position()) : position == next.position();
    if (!known) {
      behind();
    } else {
      List<K> keys = new ArrayList<>();
      replayed.forEach((key, sequence) -> addIf(sequence > next.position(), key, keys));
      gather(keys);
    }
    replayed = Map.of();
    gather(of.parking().keys(space)); // what was refused may fit by now; or it was overtaken
    long latest = latestEnd();
    space
        .engine()
        .runLocked(
            () -> {
              pace.expires(latest);
            });
    position = next.position();
    claim = next;
  }

  private static <K> void addIf(boolean wanted, K key, List<K> keys) {
    if (wanted) {
      keys.add(key);
    }
  }

  /** Whether the journal has had, since the start, all that the table lacks. */
  private boolean isInJournal(long stands) {
    Recovered recovered = of.journal().recovered();
    return stands > 0
        && stands <= recovered.lastSequence()
        && stands >= recovered.firstSequence() - 1
        && stands >= forgottenAt;
  }

  private void gather(List<K> keys) {
    for (int start = 0; start < keys.size(); start += PORTION) {
      List<K> some = keys.subList(start, Math.min(keys.size(), start + PORTION));
      space
          .engine()
          .runLocked(
              () -> {
                some.forEach(key -> changed(key, space.table().get(key)));
              });
    }
  }

  private long latestEnd() {
    long latest = space.engine().clock().nanos();
    for (Iterator<Map.Entry<K, Entry<V>>> all = space.iterator(); all.hasNext(); ) {
      long end = all.next().getValue().expiresAt();
      latest = end != Entry.NEVER && end - latest > 0 ? end : latest;
    }
    return latest;
  }

  private void flush(Claim now) throws InterruptedException {
    Taken<K, V> taken =
        space
            .engine()
            .locked(
                () -> {
                  pace.taken();
                  return gathered.take(of.journal().lastSequence());
                });
    if (taken == null) {
      return; // it has fallen behind in just this moment
    }
    of.force(taken.to()); // M3
    long begin = System.nanoTime();
    List<Mirrored<K, V>> changes = MirrorWalk.mirrored(space, taken.entries());
    List<ParkedKey<K, V>> parked = of.parking().of(space, taken.entries().keySet());
    Flushed flushed =
        spec.target()
            .flush(
                changes,
                new Stretch(name, now.epoch(), now.position(), taken.to()),
                refused -> park(refused, taken.to()));
    if (isApplied(flushed, now, taken.to())) {
      applied(now, taken.to(), parked);
      pace.flushed(taken.to(), changes.size(), System.nanoTime() - begin);
    }
  }

  /**
   * Has rows deleted that have expired. First the table gets what waits: an entry may have been
   * given more time than its row says (M1).
   */
  private void sweep(Claim now) throws InterruptedException {
    Clocks clocks = Clocks.now(space.engine().clock());
    if (!space.engine().locked(gathered::isUpToDate)) {
      flush(now);
    }
    if (claim != null && space.engine().locked(gathered::isStored)) {
      pace.sweep(spec.target(), clocks);
    }
  }

  private void copy(Claim now) throws InterruptedException {
    long begin = System.nanoTime();
    Clocks clocks = Clocks.now(space.engine().clock());
    List<ParkedKey<K, V>> parked = of.parking().of(space, of.parking().keys(space));
    List<MirrorWalk<K, V>> walks = new ArrayList<>();
    space.engine().runLocked(pace::taken);
    boolean applied = false;
    try {
      applied = isApplied(copied(now, walks), now, reached(walks, now));
    } finally { // after an error, too: what was gathered meanwhile is not all that the table lacks
      if (!applied) {
        behind();
      }
    }
    if (applied) {
      long to = reached(walks, now);
      long entries = walks.get(walks.size() - 1).entries();
      applied(now, to, parked);
      pace.swept(clocks); // nothing that had expired was copied
      pace.flushed(to, entries, System.nanoTime() - begin);
      toldBehind = false;
      log.info("mirror of keyspace {}: {} entries were copied", space.name(), entries);
    }
  }

  private Flushed copied(Claim now, List<MirrorWalk<K, V>> walks) {
    return spec.target()
        .copy(
            name,
            now,
            () -> {
              walks.add(new MirrorWalk<>(space, of, gathered));
              return walks.get(walks.size() - 1);
            },
            refused -> park(refused, walks.get(walks.size() - 1).to()));
  }

  /** Up to where the last walk has come. */
  private static long reached(List<? extends MirrorWalk<?, ?>> walks, Claim before) {
    return walks.isEmpty() ? before.position() : walks.get(walks.size() - 1).to();
  }

  /** Whether the table has it. If not, it was shown why, and what can be done has been done. */
  private boolean isApplied(Flushed flushed, Claim before, long to) throws InterruptedException {
    Flushed known =
        flushed instanceof Flushed.Unknown unknown
            ? Flusher.lookedUp(unknown, () -> spec.target().read(name))
            : flushed;
    if (known instanceof Flushed.Applied) {
      return true;
    } else if (known instanceof Flushed.TryAgain again) {
      pace.failed("its table could not be written, which is tried again", again.cause());
    } else if (known instanceof Flushed.Overtaken overtaken) {
      return overtaken(overtaken.now(), before, to);
    }
    return false;
  }

  /**
   * The table stands elsewhere: by our doing; or another process has it now; or somebody has
   * restored or changed it, and then it is claimed anew.
   */
  private boolean overtaken(Claim now, Claim before, long to) {
    if (now.equals(before)) {
      return false; // the commit whose outcome was not known did not come to pass
    } else if (now.equals(new Claim(before.epoch(), to))) {
      return true;
    } else if (now.epoch() > before.epoch()) {
      pace.stop(
          new StoreAwayException(
              "the mirror of keyspace "
                  + space.name()
                  + " has stopped, since another process has taken it over: the epoch is "
                  + now.epoch()
                  + ", ours is "
                  + before.epoch()
                  + " (table cachewright_position)",
              null));
    }
    claim = null;
    return false;
  }

  private void applied(Claim before, long to, List<ParkedKey<K, V>> parked) {
    of.parking().stored(parked);
    claim = new Claim(before.epoch(), to);
    position = to;
    space
        .engine()
        .runLocked(
            () -> {
              gathered.stored();
              gathered.copied();
            });
    of.trim();
  }

  private void park(List<Refused<K, V>> refused, long sequence) {
    List<Generation.Due<?, ?>> dues = new ArrayList<>();
    List<FlushTarget.Refused> causes = new ArrayList<>();
    for (Refused<K, V> each : refused) {
      K key = each.what().key();
      V value = each.what().value();
      Change<K, V> change = value == null ? new Change.Remove<>(key) : new Change.Put<>(key, value);
      causes.add(new FlushTarget.Refused(dues.size(), each.cause()));
      dues.add(new Generation.Due<>(space, change, sequence));
    }
    of.parking().park(dues, causes);
  }

  // ---- how it goes, and its end ----

  WriteBehindStatus status() {
    Flusher.State state = pace.state();
    return space
        .engine()
        .locked(
            () ->
                new WriteBehindStatus(
                    name,
                    Math.max(0, position),
                    of.journal().lastSequence(),
                    gathered.keys(),
                    gathered.bytes(),
                    lag(),
                    gathered.isEmpty() ? 0 : 1,
                    state.flushes(),
                    state.rows(),
                    Duration.ofNanos(state.nanosTotal()),
                    Duration.ofNanos(state.nanosLast()),
                    state.retries(),
                    state.failing(),
                    state.stopped(),
                    !gathered.isFollowing()));
  }

  private Duration lag() {
    long now = space.engine().clock().nanos();
    return gathered.isEmpty()
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, now - gathered.since()));
  }

  void drain(long endNanos) {
    Log.await(flush(), endNanos);
  }

  /** Ends it after what it does just now; {@link #awaitEnd} must follow. */
  void close() {
    pace.close();
  }

  void awaitEnd(long endNanos) {
    pace.awaitEnd(endNanos);
  }
}
