// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Keys whose last write has an unknown outcome: for a time the store may still be about to commit
 * it, so what a load finds is answered but not kept. Under the engine's write lock.
 *
 * <p>At most {@value #KEYS_MAX} keys are remembered; while there are more, every key is in doubt.
 */
final class Doubts<K> {
  static final int KEYS_MAX = 10_000;
  static final long NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Clock clock;
  private final Map<K, Long> until = new LinkedHashMap<>();
  private long allUntil;
  private boolean all;

  Doubts(Clock clock) {
    this.clock = clock;
  }

  void add(K key) {
    long end = clock.nanos() + NANOS;
    until.remove(key); // to the end of the line, which is in the order of time
    until.put(key, end);
    if (until.size() > KEYS_MAX) {
      until.clear();
      all = true;
      allUntil = end;
    }
  }

  boolean has(K key) {
    all = all && allUntil - clock.nanos() > 0;
    if (all) {
      return true;
    }
    if (until.isEmpty()) {
      return false;
    }
    forgetOld();
    return until.containsKey(key);
  }

  private void forgetOld() {
    long now = clock.nanos();
    Iterator<Long> ends = until.values().iterator();
    while (ends.hasNext() && ends.next() - now <= 0) {
      ends.remove();
    }
  }
}
