// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.Transaction;
import io.cachewright.store.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The changes between two positions of the log, coalesced per key: what one flush applies.
 *
 * <p>G1: it holds exactly the changes of its spaces after {@link #from}, up to and including {@link
 * #to}; records are never parted between two generations. G2: it changes only while it is open, and
 * then under the write lock; once sealed it never changes.
 */
final class Generation {
  /** Map node, key object, {@link Waiting}; keys are small. */
  private static final int BYTES_PER_KEY = 200;

  private final Map<Space<?, ?>, Part<?, ?>> parts = new LinkedHashMap<>();
  private final long from;
  private long openedAt;
  private long to;
  private long changes;
  private long bytes;

  /** What waits of one space. */
  private static final class Part<K, V> {
    final Space<K, V> space;
    final ValueType<V> values;
    final Map<K, Waiting<V>> waiting = new LinkedHashMap<>();

    /** Every change in its order, of a space that does not coalesce; else null. */
    final @Nullable List<Change<K, V>> all;

    Part(Space<K, V> space, boolean coalesces) {
      this.space = space;
      this.values = space.values();
      this.all = coalesces ? null : new ArrayList<>();
    }

    /** How many bytes more there are now. */
    long add(long sequence, Change<K, V> change) {
      Waiting<V> before = waiting.get(change.key());
      Waiting<V> after =
          before == null
              ? Waiting.of(sequence, change, values)
              : before.and(sequence, change, values);
      waiting.put(change.key(), after);
      if (all != null) {
        all.add(change);
        return BYTES_PER_KEY + bytesOf(change, values);
      }
      return after.bytes(values) - (before == null ? -BYTES_PER_KEY : before.bytes(values));
    }

    void collect(List<Due<?, ?>> into) {
      if (all != null) {
        all.forEach(change -> into.add(due(change)));
      } else {
        waiting.forEach((key, each) -> each.changes(key).forEach(change -> into.add(due(change))));
      }
    }

    private Due<K, V> due(Change<K, V> change) {
      return new Due<>(space, change, Objects.requireNonNull(waiting.get(change.key())).sequence());
    }
  }

  /**
   * A change that is to be flushed.
   *
   * @param sequence of the newest change of its key in the generation
   */
  record Due<K, V>(Space<K, V> space, Change<K, V> change, long sequence) {

    Transaction.Part<K, V> part() {
      return new Transaction.Part<>(Objects.requireNonNull(space.store()), change);
    }
  }

  /**
   * @param from the position it begins after
   * @param openedAt when the first change came, in the engine's nanoseconds
   */
  Generation(long from, long openedAt) {
    this.from = from;
    this.to = from;
    this.openedAt = openedAt;
  }

  /** About how much memory a change takes while it waits, in bytes; coalesced, it takes less. */
  static <V> long bytesOf(Change<?, V> change, ValueType<V> values) {
    return BYTES_PER_KEY + (change instanceof Change.Put<?, V> put ? values.bytes(put.value()) : 0);
  }

  /**
   * Adds a change of the record with this sequence. Under the write lock.
   *
   * @return by how many bytes it has grown, which may be none or less
   */
  <K, V> long add(long sequence, Space<K, V> space, Change<K, V> change, boolean coalesces) {
    @SuppressWarnings("unchecked") // a space's part is of its types
    Part<K, V> part =
        (Part<K, V>) parts.computeIfAbsent(space, absent -> new Part<>(space, coalesces));
    long grown = part.add(sequence, change);
    to = sequence;
    changes++;
    bytes += grown;
    return grown;
  }

  /** The position has moved on without a change for this generation. Under the write lock. */
  void advance(long sequence) {
    to = sequence;
  }

  /** What waits of the key; null if nothing does. */
  @SuppressWarnings("unchecked") // a space's part is of its types
  <K, V> @Nullable Waiting<V> get(Space<K, V> space, K key) {
    Part<K, V> part = (Part<K, V>) parts.get(space);
    return part == null ? null : part.waiting.get(key);
  }

  /** What to flush. */
  List<Due<?, ?>> toFlush() {
    List<Due<?, ?>> flushed = new ArrayList<>();
    parts.values().forEach(part -> part.collect(flushed));
    return flushed;
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  long from() {
    return from;
  }

  long to() {
    return to;
  }

  long openedAt() {
    return openedAt;
  }

  void openedAt(long now) {
    openedAt = now;
  }

  /** How many changes were accepted; coalesced ones counted each. */
  long changes() {
    return changes;
  }

  long bytes() {
    return bytes;
  }
}
