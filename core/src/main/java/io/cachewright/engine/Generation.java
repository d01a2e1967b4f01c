// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.Transaction;
import io.cachewright.store.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
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
  /** A key's node in {@link WaitingKeys}, and itself; keys are small. */
  private static final int BYTES_PER_KEY = 200;

  private final Map<Space<?, ?>, Part<?, ?>> parts = new LinkedHashMap<>();

  /** How many keys the generation before had. */
  private final Map<Space<?, ?>, Integer> expected;

  private final long from;

  /**
   * When it is to be flushed at the latest, in the engine's nanoseconds; only if it has changes.
   */
  private long dueAt;

  private long oldestAt;
  private long to;
  private long changes;

  /** How many times the {@code maxChanges} of a keyspace there are of it, of the fullest. */
  private int fills;

  /** What waits of one space. */
  private static final class Part<K, V> {
    final Space<K, V> space;
    final ValueType<V> values;
    final int changesMax;
    final WaitingKeys<K, V> waiting;
    long bytes;

    /** Every change in its order, of a space that does not coalesce; else null. */
    final @Nullable List<Change<K, V>> all;

    Part(Space<K, V> space, int expected) {
      this.space = space;
      this.values = space.values();
      this.changesMax = space.options().writeBehind().maxChanges();
      this.waiting = new WaitingKeys<>(expected);
      this.all = space.options().writeBehind().coalesce() ? null : new ArrayList<>();
    }

    /** The keyspace's room gets back what was taken for the change and is not needed. */
    void add(long sequence, Change<K, V> change) {
      long taken = bytesOf(change, values);
      long grown = grow(sequence, change, taken);
      bytes += grown;
      space.room().give(taken - grown);
    }

    /** The store has it, up to this sequence. */
    void end(long to) {
      space.room().give(bytes);
      if (values.isComputed()) {
        for (WaitingKeys.Node<K, V> node = waiting.first(); node != null; node = node.after()) {
          space.effects().computed(node.key, to);
        }
      }
    }

    /** How much there is to flush: keys; or, if they do not coalesce, changes. */
    int size() {
      return all == null ? waiting.size() : all.size();
    }

    /** How many bytes more there are now. */
    private long grow(long sequence, Change<K, V> change, long taken) {
      WaitingKeys.Node<K, V> before = waiting.get(change.key());
      Waiting<V> after =
          before == null
              ? Waiting.of(sequence, change, values)
              : before.waiting().and(sequence, change, values);
      WaitingKeys.Node<K, V> node = before == null ? waiting.add(change.key()) : before;
      long grown = node.set(after, after.bytes(values));
      if (all != null) {
        all.add(change);
        return taken;
      }
      return before == null ? taken : grown;
    }

    void collect(List<Due<?, ?>> into) {
      if (all != null) {
        all.forEach(change -> into.add(new Due<>(space, change, newest(change.key()))));
        return;
      }
      for (WaitingKeys.Node<K, V> node = waiting.first(); node != null; node = node.after()) {
        Waiting<V> each = node.waiting();
        each.changes(node.key)
            .forEach(change -> into.add(new Due<>(space, change, each.sequence())));
      }
    }

    private long newest(K key) {
      return Objects.requireNonNull(waiting.get(key)).waiting().sequence();
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
   */
  Generation(long from) {
    this(from, Map.of());
  }

  private Generation(long from, Map<Space<?, ?>, Integer> expected) {
    this.from = from;
    this.to = from;
    this.expected = expected;
  }

  /** The one that begins where this ends. It will most likely be as large. */
  Generation next() {
    Map<Space<?, ?>, Integer> sizes = new HashMap<>();
    parts.values().forEach(part -> sizes.put(part.space, part.waiting.size()));
    return new Generation(to, sizes);
  }

  /** About how much memory a change takes while it waits, in bytes; coalesced, it takes less. */
  static <V> long bytesOf(Change<?, V> change, ValueType<V> values) {
    return BYTES_PER_KEY + (change instanceof Change.Put<?, V> put ? values.bytes(put.value()) : 0);
  }

  /**
   * Adds a change of the record with this sequence, for which {@link #bytesOf} room was taken.
   * Under the write lock.
   *
   * @param clock the engine's; asked for the first change of a keyspace only
   */
  <K, V> void add(long sequence, Space<K, V> space, Change<K, V> change, Clock clock) {
    Part<K, V> part = part(space);
    if (part == null) {
      part = new Part<>(space, expected.getOrDefault(space, 0));
      parts.put(space, part);
      long now = clock.nanos();
      long due = now + space.options().writeBehind().maxDelay().toNanos();
      dueAt = changes == 0 || due - dueAt < 0 ? due : dueAt;
      oldestAt = changes == 0 ? now : oldestAt;
    }
    part.add(sequence, change);
    fills = Math.max(fills, part.size() / part.changesMax);
    advance(sequence);
    changes++;
  }

  @SuppressWarnings("unchecked") // a space's part is of its types
  private <K, V> @Nullable Part<K, V> part(Space<K, V> space) {
    return (Part<K, V>) parts.get(space);
  }

  /** Whether a flush of it would take so many times the {@code maxChanges} of a keyspace. */
  boolean isFull(int times) {
    return fills >= times;
  }

  /** Its changes wait no longer: gives back their room. Under the write lock. */
  void end() {
    parts.values().forEach(part -> part.end(to));
  }

  /** The position has moved on without a change for this generation. Under the write lock. */
  void advance(long sequence) {
    to = Math.max(to, sequence);
  }

  /** What waits of the key; null if nothing does. */
  <K, V> @Nullable Waiting<V> get(Space<K, V> space, K key) {
    Part<K, V> part = part(space);
    WaitingKeys.Node<K, V> node = part == null ? null : part.waiting.get(key);
    return node == null ? null : node.waiting();
  }

  /** What to flush. */
  List<Due<?, ?>> toFlush() {
    List<Due<?, ?>> flushed = new ArrayList<>(sizeToFlush());
    parts.values().forEach(part -> part.collect(flushed));
    return flushed;
  }

  int sizeToFlush() {
    return parts.values().stream().mapToInt(Part::size).sum();
  }

  long from() {
    return from;
  }

  long to() {
    return to;
  }

  long dueAt() {
    return dueAt;
  }

  /** When its first change was logged, in the engine's nanoseconds; only if it has changes. */
  long oldestAt() {
    return oldestAt;
  }

  /** How many changes were accepted; coalesced ones counted each. */
  long changes() {
    return changes;
  }

  /** About how much memory they take. */
  long bytes() {
    return parts.values().stream().mapToLong(part -> part.bytes).sum();
  }
}
