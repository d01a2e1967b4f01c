// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.StoreAwayException;
import io.cachewright.engine.Gathered.Taken;
import io.cachewright.store.MirrorTarget.Entries;
import io.cachewright.store.MirrorTarget.Mirrored;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All entries of a record space, for a copy into its mirror, while writers go on.
 *
 * <pre>
 *   begin ─► gather changes ─► walk the table of entries ─► what was gathered, up to {@link #to}
 *                                   └─ much was gathered: that first, then on with the walk
 * </pre>
 *
 * <p>V1: what the walk meets of a key has every change that was made before it began, and those
 * made after that are gathered: so what comes last of a key is what it had at the end. V2: what is
 * gathered may be sent in the middle: an entry that is met after that is as new, or newer. V3: the
 * journal has all of it on disk before it is committed (F1 of {@link Flusher}).
 */
final class MirrorWalk<K, V> implements Entries<K, V> {
  private static final int PORTION = 5_000;

  private final Space<K, V> space;
  private final Log log;
  private final Gathered<K, V> gathered;
  private final Iterator<Map.Entry<K, Entry<V>>> walk;
  private boolean ended;
  private long to;
  private long entries;

  /** Begins: gathers from now on. */
  MirrorWalk(Space<K, V> space, Log log, Gathered<K, V> gathered) {
    this.space = space;
    this.log = log;
    this.gathered = gathered;
    space
        .engine()
        .locked(
            () -> {
              gathered.beginCopy();
              return Boolean.TRUE;
            });
    this.walk = space.iterator();
  }

  @Override
  public @Nullable List<Mirrored<K, V>> next() {
    if (ended) {
      return null;
    }
    Taken<K, V> taken = space.engine().locked(this::takeIfDue);
    if (taken != null) {
      if (ended) {
        to = taken.to();
        Mirror.force(log, to); // V3
      }
      return mirrored(space, taken.entries());
    }
    List<Mirrored<K, V>> portion = new ArrayList<>();
    Clocks clocks = Clocks.now(space.engine().clock());
    while (portion.size() < PORTION && walk.hasNext()) {
      Map.Entry<K, Entry<V>> each = walk.next();
      if (Effects.hasValue(each.getValue()) && !each.getValue().isExpired(space.engine().clock())) {
        portion.add(clocks.mirrored(each.getKey(), each.getValue()));
      }
    }
    entries += portion.size();
    return portion;
  }

  /** Under the write lock. Null if the walk goes on first. */
  private @Nullable Taken<K, V> takeIfDue() {
    if (gathered.isBehind()) {
      throw new StoreAwayException(
          "the copy was given up, since more changes came meanwhile than may wait", null);
    }
    ended = !walk.hasNext();
    if (!ended && !gathered.isLarge()) {
      return null;
    }
    Taken<K, V> taken = gathered.take(log.journal().lastSequence());
    gathered.stored(); // it is in this copy, or that begins anew
    return taken;
  }

  @Override
  public long to() {
    return to;
  }

  /** How many entries the walk has met. */
  long entries() {
    return entries;
  }

  /** What the table is to have of these. */
  static <K, V> List<Mirrored<K, V>> mirrored(Space<K, V> space, Map<K, Entry<V>> entries) {
    Clocks clocks = Clocks.now(space.engine().clock());
    List<Mirrored<K, V>> all = new ArrayList<>(entries.size());
    entries.forEach((key, entry) -> all.add(clocks.mirrored(key, entry)));
    return all;
  }

  /**
   * The engine's clock and the calendar's at one moment.
   *
   * @param millis since 1970
   */
  private record Clocks(long nanos, long millis) {

    static Clocks now(Clock clock) {
      return new Clocks(clock.nanos(), System.currentTimeMillis());
    }

    <K, V> Mirrored<K, V> mirrored(K key, Entry<V> entry) {
      long end = entry.expiresAt();
      if (entry.value() == null || end == Entry.NEVER) {
        return new Mirrored<>(key, entry.value(), 0);
      }
      long until = Math.max(1, millis + (end - nanos) / 1_000_000);
      return new Mirrored<>(key, entry.value(), until);
    }
  }
}
