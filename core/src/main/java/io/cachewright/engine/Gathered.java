// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has changed of a record space since its mirror's position: the newest entry of each key.
 *
 * <pre>
 *   changed ─► open ─ take ─► taken ─ stored ─►
 *                │              │
 *                └── too much ──┴─► dropped: the table is to be copied whole
 * </pre>
 *
 * <p>C1: taken and open together have every key that changed after the position; or, while a copy
 * is made, since that began and not yet sent with it; or nothing, being behind. C2: what they weigh
 * stays under the bound (P7); values are those of the table of entries, so that most of it is
 * counted twice.
 *
 * <p>All of it is under the engine's write lock.
 */
final class Gathered<K, V> {
  /** Map node and key object; keys are small. */
  private static final int BYTES_PER_KEY = 200;

  private final ValueType<V> values;
  private final Clock clock;
  private final long bytesMax;
  private Map<K, Entry<V>> open = new LinkedHashMap<>();
  private long openBytes;
  private long openSince;
  private @Nullable Taken<K, V> taken;
  private long takenBytes;
  private State state = State.FOLLOWING;

  /** C1. */
  enum State {
    FOLLOWING,
    BEHIND,
    COPYING
  }

  /**
   * What one flush brings to the table.
   *
   * @param to up to where in the log it has every change
   */
  record Taken<K, V>(Map<K, Entry<V>> entries, long to, long since) {}

  Gathered(ValueType<V> values, Clock clock, long bytesMax) {
    this.values = values;
    this.clock = clock;
    this.bytesMax = bytesMax;
  }

  /**
   * The key has this entry now.
   *
   * @return whether whoever waits for changes should look
   */
  boolean add(K key, Entry<V> entry) {
    if (isBehind()) {
      return false;
    }
    boolean first = open.isEmpty();
    if (first) {
      openSince = clock.nanos();
    }
    Entry<V> before = open.put(key, entry);
    openBytes += bytes(entry) - (before == null ? 0 : bytes(before));
    if (openBytes + takenBytes > bytesMax) {
      fallBehind();
      return true;
    }
    return first || isLarge();
  }

  private long bytes(Entry<V> entry) {
    V value = entry.value();
    return BYTES_PER_KEY + (value == null ? 0 : values.bytes(value));
  }

  /** Whether so much waits that it should not wait any longer. */
  boolean isLarge() {
    return openBytes > bytesMax / 2;
  }

  /** Whether as many keys would be too much. */
  boolean isTooMuch(int keys) {
    return (long) keys * BYTES_PER_KEY > bytesMax;
  }

  /**
   * What is to be flushed first; the same again until it is {@link #stored}. Null if it has fallen
   * behind: a flush of what is left would go past changes that nobody has.
   */
  @Nullable Taken<K, V> take(long newest) {
    if (isBehind()) {
      return null;
    }
    Taken<K, V> next = taken;
    if (next == null) {
      next = new Taken<>(open, newest, openSince);
      taken = next;
      takenBytes = openBytes;
      open = new LinkedHashMap<>();
      openBytes = 0;
    }
    return next;
  }

  /** The table has what was taken. */
  void stored() {
    taken = null;
    takenBytes = 0;
  }

  /** Drops everything: the table is to be copied. */
  void fallBehind() {
    state = State.BEHIND;
    clear();
  }

  /** A copy begins: from here on all changes are gathered. */
  void beginCopy() {
    state = State.COPYING;
    clear();
  }

  /** The table has the copy. What came since its last portion follows, if that was not too much. */
  void copied() {
    state = state == State.COPYING ? State.FOLLOWING : state;
  }

  private void clear() {
    stored();
    open = new LinkedHashMap<>();
    openBytes = 0;
  }

  boolean isBehind() {
    return state == State.BEHIND;
  }

  /** Whether what the table lacks is what was gathered. */
  boolean isFollowing() {
    return state == State.FOLLOWING;
  }

  /** Whether the table lacks nothing. */
  boolean isUpToDate() {
    return isStored() && open.isEmpty();
  }

  /** Whether the table has all that was taken. */
  boolean isStored() {
    return isFollowing() && taken == null;
  }

  boolean isTaken() {
    return taken != null;
  }

  boolean isEmpty() {
    return open.isEmpty() && (taken == null || taken.entries().isEmpty());
  }

  boolean isOpenEmpty() {
    return open.isEmpty();
  }

  /** When the oldest change came that waits to be taken, in the engine's nanoseconds. */
  long openSince() {
    return openSince;
  }

  /** The same of all that waits; only if it is not empty. */
  long since() {
    return taken == null || taken.entries().isEmpty() ? openSince : taken.since();
  }

  int keys() {
    return open.size() + (taken == null ? 0 : taken.entries().size());
  }

  long bytes() {
    return openBytes + takenBytes;
  }
}
