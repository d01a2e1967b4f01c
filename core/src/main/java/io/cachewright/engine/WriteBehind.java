// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The changes that one group of stores is still to get.
 *
 * <pre>
 *   logged ─► open generation ─ sealed after maxDelay, or at maxChanges ─► sealed generations
 *                   │                                                            │ oldest first
 *                   │                                                            ▼
 *                   └──────── loads look here ◄──── what was flushed ◄──── Flusher: one flush at a
 *                             before they answer    while they ran        time, position included
 * </pre>
 *
 * <p>W1: the generations are consecutive. The first begins at the store's position, each of the
 * others where the one before ends (P2). W2: a record is never parted between two. W3: what waits
 * stays under {@code bytesMax}; room is taken before the change is logged (P7). W4: a load sees, of
 * its keys, every change that was logged before it fills: those that wait are laid over what it
 * found, and keys flushed while it ran are loaded again (P3).
 *
 * <p>All of it is under the engine's write lock, but for {@link #take} and the flusher's waiting.
 */
final class WriteBehind {

  /**
   * @param maxDelay how old the oldest change of a generation gets before it is flushed
   * @param maxChanges most changes in a generation, coalesced ones counted each
   * @param bytesMax most memory for changes that wait
   * @param waitMax how long a writer waits at that bound
   */
  record Bounds(Duration maxDelay, int maxChanges, long bytesMax, Duration waitMax) {}

  private final Engine engine;
  private final Bounds bounds;
  private final PendingRoom room;
  private final Deque<Generation> sealed = new ArrayDeque<>();
  private Generation open;

  /** Whether the open generation's first change has come with the record that is being added. */
  private boolean firstCame;

  /** How many generations have been flushed. */
  private long flushes;

  /** Flushed generations by their number, for as long as a load runs that began before. */
  private final TreeMap<Long, Generation> flushed = new TreeMap<>();

  /** By the number of flushes when they began: how many loads run. */
  private final TreeMap<Long, Integer> loads = new TreeMap<>();

  private final TreeMap<Long, CompletableFuture<Void>> waiters = new TreeMap<>();

  /** Wakes the flusher. */
  private final ReentrantLock dueLock = new ReentrantLock();

  private final Condition due = dueLock.newCondition();
  private boolean woken;

  /**
   * @param position where the store stands
   */
  WriteBehind(Engine engine, String what, Bounds bounds, long position) {
    this.engine = engine;
    this.bounds = bounds;
    this.room = new PendingRoom(what, bounds.bytesMax(), bounds.waitMax());
    this.open = new Generation(position, engine.clock().nanos());
  }

  // ---- writers ----

  /** W3. Takes room for a change; under no lock, for it may wait. */
  void take(long bytes, boolean mayWait) {
    room.take(bytes, mayWait);
  }

  /** Gives room back that was taken and is not used after all. */
  void give(long bytes) {
    room.give(bytes);
  }

  /** Adds a change for which {@link Generation#bytesOf} room was taken. */
  <K, V> void add(long sequence, Space<K, V> space, Change<K, V> change, boolean coalesces) {
    if (open.isEmpty()) {
      open.openedAt(engine.clock().nanos());
      firstCame = true;
    }
    long grown = open.add(sequence, space, change, coalesces);
    room.give(Generation.bytesOf(change, space.values()) - grown);
  }

  /** W2: the record is complete, whether or not it had changes for this group. */
  void recordEnds(long sequence) {
    open.advance(sequence);
    boolean full = open.changes() >= bounds.maxChanges();
    if (full) {
      seal();
    }
    if (full || firstCame) { // the flusher waits for it, or has to know from when on to wait
      firstCame = false;
      wake();
    }
  }

  private void seal() {
    sealed.add(open);
    open = new Generation(open.to(), engine.clock().nanos());
  }

  // ---- loads ----

  /** What waits of the key, laid over what the store has. */
  <K, V> @Nullable V over(Space<K, V> space, K key, @Nullable V base) {
    V value = base;
    for (Generation generation : sealed) {
      value = over(generation, space, key, value);
    }
    return over(open, space, key, value);
  }

  private static <K, V> @Nullable V over(
      Generation generation, Space<K, V> space, K key, @Nullable V base) {
    Waiting<V> waiting = generation.get(space, key);
    return waiting == null ? base : waiting.over(base, space.values());
  }

  /** The newest change that waits of the key; 0 if none does. */
  <K, V> long newest(Space<K, V> space, K key) {
    Waiting<V> waiting = open.get(space, key);
    for (Iterator<Generation> each = sealed.descendingIterator();
        waiting == null && each.hasNext(); ) {
      waiting = each.next().get(space, key);
    }
    return waiting == null ? 0 : waiting.sequence();
  }

  /**
   * Whether what waits of the key says all there is to say, so that the store need not be asked.
   */
  <K, V> boolean isWhole(Space<K, V> space, K key) {
    if (isWhole(open, space, key)) {
      return true;
    }
    for (Generation generation : sealed) {
      if (isWhole(generation, space, key)) {
        return true;
      }
    }
    return false;
  }

  private static <K, V> boolean isWhole(Generation generation, Space<K, V> space, K key) {
    Waiting<V> waiting = generation.get(space, key);
    return waiting != null && waiting.isWhole(space.values());
  }

  /** A load begins; {@link #loadEnds} must follow with what this answers. */
  long loadBegins() {
    loads.merge(flushes, 1, Integer::sum);
    return flushes;
  }

  /**
   * W4. A load has found what the store had.
   *
   * @param begun what {@link #loadBegins} answered
   * @return those of its keys that were flushed while it ran: it may have looked before that. They
   *     are to be loaded again
   */
  <K, V> Set<K> loadEnds(long begun, Space<K, V> space, Iterable<K> keys) {
    Set<K> again = new HashSet<>();
    for (Generation generation : flushed.tailMap(begun).values()) {
      for (K key : keys) {
        if (generation.get(space, key) != null) {
          again.add(key);
        }
      }
    }
    loads.computeIfPresent(begun, (number, running) -> running == 1 ? null : running - 1);
    forgetFlushed();
    return again;
  }

  private void forgetFlushed() {
    if (loads.isEmpty()) {
      flushed.clear();
    } else {
      flushed.headMap(loads.firstKey()).clear();
    }
  }

  // ---- the flusher ----

  /** The oldest sealed generation; the open one is sealed if it is old enough. Null if none is. */
  @Nullable Generation next() {
    if (sealed.isEmpty() && open.changes() > 0 && nanosUntilDue() <= 0) {
      seal();
    }
    return sealed.peek();
  }

  /** How long until the open generation is to be flushed; for ever if nothing waits. */
  private long nanosUntilDue() {
    return open.changes() == 0
        ? Long.MAX_VALUE
        : open.openedAt() + bounds.maxDelay().toNanos() - engine.clock().nanos();
  }

  /** Waits until there may be something to flush. Under no lock. */
  void awaitDue() throws InterruptedException {
    long nanos = engine.locked(() -> sealed.isEmpty() ? nanosUntilDue() : 0L);
    dueLock.lock();
    try {
      while (!woken && nanos > 0) {
        nanos = due.awaitNanos(nanos);
      }
      woken = false;
    } finally {
      dueLock.unlock();
    }
  }

  /** Ends {@link #awaitDue}. */
  void wake() {
    dueLock.lock();
    try {
      woken = true;
      due.signalAll();
    } finally {
      dueLock.unlock();
    }
  }

  /** The store has the oldest generation. Answers whom it concerns; what they do is for later. */
  List<CompletableFuture<Void>> flushed(Generation generation) {
    if (sealed.poll() != generation) {
      throw new IllegalStateException("flushed out of order"); // W1
    }
    flushed.put(flushes++, generation);
    forgetFlushed();
    room.give(generation.bytes());
    Map<Long, CompletableFuture<Void>> reached = waiters.headMap(generation.to(), true);
    List<CompletableFuture<Void>> done = new ArrayList<>(reached.values());
    reached.clear();
    return done;
  }

  /** Flushes what waits now, soon. Done when the store has it. */
  CompletableFuture<Void> flush() {
    if (open.changes() > 0) {
      seal();
    }
    if (sealed.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    wake();
    return waiters.computeIfAbsent(sealed.getLast().to(), absent -> new CompletableFuture<>());
  }

  /** How far the store has got. */
  long position() {
    Generation oldest = sealed.peek();
    return oldest == null ? open.from() : oldest.from();
  }

  /** How many changes wait. */
  long waiting() {
    return open.changes() + sealed.stream().mapToLong(Generation::changes).sum();
  }
}
