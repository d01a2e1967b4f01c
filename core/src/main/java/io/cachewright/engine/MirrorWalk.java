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
 * gathered may be sent in the middle: an entry that is met after that is as new, or newer, since
 * its key is looked up. The iterator may have it in hand from before, out of a map that has been
 * doubled since. V3: the journal has all of it on disk before it is committed (F1 of {@link
 * Flusher}).
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
        .runLocked(
            () -> {
              gathered.beginCopy();
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
        log.force(to); // V3
      }
      return mirrored(space, taken.entries());
    }
    List<Mirrored<K, V>> portion = new ArrayList<>();
    Clocks clocks = Clocks.now(space.engine().clock());
    while (portion.size() < PORTION && walk.hasNext()) {
      K key = walk.next().getKey();
      Entry<V> entry = space.table().get(key); // V2
      if (entry != null && entry.value() != null) {
        portion.add(mirrored(key, entry, clocks));
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
    entries.forEach((key, entry) -> all.add(mirrored(key, entry, clocks)));
    return all;
  }

  private static <K, V> Mirrored<K, V> mirrored(K key, Entry<V> entry, Clocks clocks) {
    long until = entry.value() == null ? 0 : clocks.until(entry);
    return new Mirrored<>(key, entry.value(), until);
  }
}
