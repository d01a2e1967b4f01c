// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The walks of SCAN that have not ended. A cursor names one; each answer has a new cursor. A walk
 * that was forgotten, because too many were begun after it, starts again from the beginning: keys
 * may then come twice, which SCAN allows, and none is left out. A connection that begins many
 * forgets its own, or else one that begins them again and again would let nobody's end.
 * Thread-safe: a pool of clients goes on with a walk on another connection.
 */
final class Scans {
  private static final int WALKS_MAX = 1_024;
  private static final int OWN_MAX = 64;

  private record Kept(Session by, Iterator<KeyWalk.Key> walk) {}

  private final Map<Long, Kept> walks = new LinkedHashMap<>();

  /** How many of each connection are kept. */
  private final Map<Session, Integer> counts = new HashMap<>();

  private long lastCursor;

  /** Takes the walk out, which nobody else will then have; null if it is not known. */
  synchronized @Nullable Iterator<KeyWalk.Key> take(long cursor) {
    Kept kept = walks.remove(cursor);
    if (kept == null) {
      return null;
    }
    uncount(kept);
    return kept.walk();
  }

  /** Keeps a walk that has not ended. */
  synchronized long keep(Session by, Iterator<KeyWalk.Key> walk) {
    walks.put(++lastCursor, new Kept(by, walk));
    if (counts.merge(by, 1, Integer::sum) > OWN_MAX) {
      forgetOldest(kept -> kept.by() == by);
    } else if (walks.size() > WALKS_MAX) {
      forgetOldest(kept -> true);
    }
    return lastCursor;
  }

  private void forgetOldest(Predicate<Kept> which) {
    for (Iterator<Kept> oldest = walks.values().iterator(); oldest.hasNext(); ) {
      Kept kept = oldest.next();
      if (which.test(kept)) {
        oldest.remove();
        uncount(kept);
        return;
      }
    }
  }

  private void uncount(Kept kept) {
    counts.computeIfPresent(kept.by(), (same, count) -> count == 1 ? null : count - 1);
  }
}
