// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.journal.Acknowledgement;
import io.cachewright.journal.Journal;
import io.cachewright.store.ByteSink;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.Store;
import io.cachewright.store.StoreGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a log is flushed to: groups of stores, one for each database, and the mirrors of record
 * spaces, each of which goes its own way.
 */
final class FlushGroups {
  private static final Logger log = LoggerFactory.getLogger(FlushGroups.class);

  private final Log of;
  private final IdentityHashMap<StoreGroup, FlushGroup> groups = new IdentityHashMap<>();

  /** The same, for those who must not wait while a store is asked. */
  private volatile List<FlushGroup> all = List.of();

  private final List<Mirror<?, ?>> mirrors = new CopyOnWriteArrayList<>();

  /** Of all groups. Changed under the write lock. */
  private WriteBehind[] behinds = {};

  FlushGroups(Log of) {
    this.of = of;
  }

  /**
   * Where the changes of a store wait; null if it cannot note how far it has got. Asks it, the
   * first time.
   *
   * @param keyspace for messages
   */
  synchronized @Nullable WriteBehind behind(Store<?, ?> store, String keyspace) {
    StoreGroup group = store.group();
    FlushTarget target = group == null ? null : group.flushTarget();
    if (group == null || target == null) {
      return null;
    }
    FlushGroup present = groups.get(group);
    if (present == null) {
      present = FlushGroup.claim(of, target, keyspace);
      groups.put(group, present);
      all = List.copyOf(groups.values());
      add(present.behind());
    }
    return present.behind();
  }

  private void add(WriteBehind behind) {
    of.engine()
        .runLocked(
            () -> {
              behind.recordEnds(of.journal().lastSequence());
              List<WriteBehind> more = new ArrayList<>(List.of(behinds));
              more.add(behind);
              behinds = more.toArray(WriteBehind[]::new);
            });
  }

  /** A record space has its entries: its mirror begins, if it has one. */
  <K, V> void opened(Space<K, V> space, Replays replays) {
    Mirror<K, V> mirror = Recorded.mirrorOf(space);
    if (mirror == null) {
      of.parking().leave(space.name()); // of a mirror that it had
      return;
    }
    mirror.read(replays);
    var columns = Replays.columns();
    of.parking()
        .opened(
            space,
            /* position= */ 0,
            logged -> logged.change(space.keys(), space.values(), columns));
    mirror.start();
    mirrors.add(mirror);
  }

  void start() {
    all.forEach(FlushGroup::start);
  }

  /** Under the write lock: a record is complete. */
  void recordEnds(long sequence) {
    for (WriteBehind each : behinds) {
      each.recordEnds(sequence);
    }
  }

  /** Up to where all of them have got; the largest number if there are none. */
  long leastPosition() {
    long mirrored = mirrors.stream().mapToLong(Mirror::neededFrom).min().orElse(Long.MAX_VALUE);
    return of.engine()
        .locked(
            () -> {
              long least = mirrored;
              for (WriteBehind each : behinds) {
                least = Math.min(least, each.position());
              }
              return least;
            });
  }

  /** Flushes what waits. Whoever gives up cancels it. */
  CompletableFuture<Void> flush() {
    return of.engine()
        .locked(
            () -> {
              List<CompletableFuture<Void>> all = new ArrayList<>();
              for (WriteBehind each : behinds) {
                all.add(each.flush());
              }
              mirrors.forEach(mirror -> all.add(mirror.flush()));
              return allOf(all);
            });
  }

  /** When they have everything that was logged so far. Whoever gives up cancels it. */
  CompletableFuture<Void> whenStored() {
    return of.engine()
        .locked(
            () -> {
              List<CompletableFuture<Void>> all = new ArrayList<>();
              for (WriteBehind each : behinds) {
                if (each.waiting() > 0) {
                  all.add(each.whenReached(each.newest()));
                }
              }
              return allOf(all);
            });
  }

  /** Cancelled, it cancels all of them, so that none is waited for by nobody. */
  private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> all) {
    CompletableFuture<Void> done =
        CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
    var unused =
        done.whenComplete(
            (nothing, error) -> {
              if (done.isCancelled()) {
                all.forEach(each -> each.cancel(false));
              }
            });
    return done;
  }

  List<WriteBehindStatus> status() {
    List<WriteBehindStatus> each = new ArrayList<>(all.stream().map(FlushGroup::status).toList());
    mirrors.forEach(mirror -> each.add(mirror.status()));
    return each;
  }

  WriteBehindStatus status(WriteBehind behind) {
    return all.stream()
        .filter(group -> group.behind() == behind)
        .findFirst()
        .orElseThrow()
        .status();
  }

  /** Flushes what waits, for at most so long, and ends, 10 s after that at the latest. */
  void close(Duration drain) {
    long end = System.nanoTime() + TimeUnit.NANOSECONDS.convert(drain); // may be for ever
    if (!drain.isZero()) {
      all.forEach(group -> group.drain(end));
      mirrors.forEach(mirror -> drain(mirror, end));
    }
    mirrors.forEach(Mirror::close);
    all.forEach(FlushGroup::close);
    long endOfAll = System.nanoTime() + Engine.CLOSE_MAX.toNanos();
    mirrors.forEach(mirror -> mirror.awaitEnd(endOfAll));
    all.forEach(group -> group.awaitEnd(endOfAll));
    all.forEach(this::noteFlushed);
  }

  /** What only people can mend is not mended during a stop. */
  private static void drain(Mirror<?, ?> mirror, long endNanos) {
    WriteBehindStatus status = mirror.status();
    if (status.failing() instanceof ConfigurationException cause) {
      log.warn(
          "mirror {} is not waited for, since its table cannot be used: {}",
          status.log(),
          cause.getMessage());
    } else {
      mirror.drain(endNanos);
    }
  }

  /**
   * Writes down how far the group has got, so that the next start does not ask for a keyspace that
   * needs nothing any more. Only for that: how far the store is the store says.
   */
  private void noteFlushed(FlushGroup group) {
    List<String> names = new ArrayList<>();
    for (Space<?, ?> space : of.engine().spaces()) {
      if (space.behind() == group.behind()) {
        names.add(space.name());
      }
    }
    ByteSink note = new ByteSink(of.recordBytesMax());
    Journal journal = of.journal();
    try {
      of.engine()
          .locked(
              () -> {
                TransactionFormat.writeFlushed(group.behind().position(), names, note);
                journal.reserve(note.length(), Duration.ZERO);
                return journal.append(note.toByteArray(), Acknowledgement.NONE);
              });
    } catch (CacheException e) {
      log.debug("not noted", e);
    }
  }
}
