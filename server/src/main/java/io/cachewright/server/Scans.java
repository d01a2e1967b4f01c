// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The walks of SCAN that have not ended. A cursor names one; each answer has a new cursor. A walk
 * that was forgotten, because too many were begun after it, starts again from the beginning: keys
 * may then come twice, which SCAN allows, and none is left out. Thread-safe: a pool of clients goes
 * on with a walk on another connection.
 */
final class Scans {
  private static final int WALKS_MAX = 1_024;

  private final Map<Long, Iterator<KeyWalk.Key>> walks = new LinkedHashMap<>();
  private long lastCursor;

  /** Takes the walk out, which nobody else will then have; null if it is not known. */
  synchronized @Nullable Iterator<KeyWalk.Key> take(long cursor) {
    return walks.remove(cursor);
  }

  /** Keeps a walk that has not ended. */
  synchronized long keep(Iterator<KeyWalk.Key> walk) {
    walks.put(++lastCursor, walk);
    if (walks.size() > WALKS_MAX) {
      Iterator<Long> oldest = walks.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    return lastCursor;
  }
}
