// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.store.Change;
import io.cachewright.store.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The changes that one group of stores is still to get.
 *
 * <pre>
 *   logged ─► open generation ─ sealed when due, or when full ─► sealed generations
 *                   │                                                  │ oldest first
 *                   │                                                  ▼
 *                   └────── loads look here ◄── what was flushed ◄── Flusher: one flush at a time,
 *                           before they answer  while they ran       position included
 * </pre>
 *
 * <p>W1: the generations are consecutive. The first begins at the store's position, each of the
 * others where the one before ends (P2). W2: a record is never parted between two. W3: what waits
 * of a keyspace stays under its {@code maxPending}: {@link PendingRoom} is taken before the change
 * is logged (P7), and at that bound a flush begins whatever the age of what waits. W4: a load sees,
 * of its keys, every change that was logged before it fills: those that are parked or wait are laid
 * over what it found, and keys flushed while it ran are loaded again (P3). W5: while a flush runs,
 * the open generation may grow to ten times what makes one due: the slower the store, the more
 * changes of a key become one, and the less it has to do.
 *
 * <p>All of it is under the engine's write lock, but for the flusher's waiting.
 */
final class WriteBehind {
  /** How often an idle flusher looks whether it holds the journal. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** W5. */
  private static final int BACKLOG_FACTOR = 10;

  private final Engine engine;
  private final Parking parking;
  private final Deque<Generation> sealed = new ArrayDeque<>();
  private Generation open;

  /** Whether the open generation's first change has come with the record that is being added. */
  private boolean firstCame;

  /** Not done while the oldest generation is being committed: loads may see it, or not (W4). */
  private CompletableFuture<Void> decided = CompletableFuture.completedFuture(null);

  /** How many generations have been flushed. */
  private long flushes;

  /** What was flushed, by the number of the flush, for as long as a load runs that began before. */
  private final TreeMap<Long, Flushed> flushed = new TreeMap<>();

  /** By the number of flushes when they began: how many loads run. */
  private final TreeMap<Long, Integer> loads = new TreeMap<>();

  private final PositionWaiters waiters = new PositionWaiters();

  private volatile @Nullable CacheException stopped;

  /** Wakes the flusher. */
  private final ReentrantLock dueLock = new ReentrantLock();

  private final Condition due = dueLock.newCondition();
  private boolean woken;

  /**
   * @param retried parked changes that went to the store with the generation
   */
  private record Flushed(Generation generation, List<ParkedKey<?, ?>> retried) {

    <K, V> boolean has(Space<K, V> space, K key) {
      return generation.get(space, key) != null
          || retried.stream().anyMatch(each -> each.isOf(space, key));
    }
  }

  /**
   * @param position where the store stands
   */
  WriteBehind(Engine engine, Parking parking, long position) {
    this.engine = engine;
    this.parking = parking;
    this.open = new Generation(position);
  }

  // ---- what was logged before a restart ----

  /**
   * Prepares for changes up to this sequence that come from a replay: they fill generations of
   * their own, of so many records each, which no flush must be asked for until all have come.
   */
  void expectReplay(long last, int recordsPerGeneration) {
    while (open.from() < last) {
      open.advance(Math.min(last, open.from() + recordsPerGeneration));
      seal();
    }
  }

  /** Adds a change from a replay. Room is taken for it, even if there is none: it was accepted. */
  <K, V> void replay(long sequence, Space<K, V> space, Change<K, V> change) {
    for (Generation generation : sealed) {
      if (sequence <= generation.to()) {
        space.room().force(Generation.bytesOf(change, space.values()));
        generation.add(sequence, space, change, engine.clock());
        return;
      }
    }
    throw new IllegalStateException("no generation for replayed record " + sequence);
  }

  // ---- writers ----

  /** Adds a change for which {@link Generation#bytesOf} room was taken. */
  <K, V> void add(long sequence, Space<K, V> space, Change<K, V> change) {
    firstCame |= open.changes() == 0;
    open.add(sequence, space, change, engine.clock());
  }

  /** What waits of the key in the open generation; null if nothing does. */
  <K, V> @Nullable Waiting<V> waiting(Space<K, V> space, K key) {
    return open.get(space, key);
  }

  /** What waits of the key from each sealed generation on that has it, and from what is parked. */
  <K, V> List<Waiting<V>> sums(Space<K, V> space, K key) {
    ParkedKey<K, V> aside = parking.get(space, key);
    long parkedTo = aside == null ? 0 : aside.sequence();
    List<Waiting<V>> sums = new ArrayList<>();
    Waiting<V> later = open.get(space, key);
    for (Iterator<Generation> each = sealed.descendingIterator(); each.hasNext(); ) {
      Waiting<V> waiting = each.next().get(space, key);
      if (waiting != null && waiting.sequence() > parkedTo) {
        later = later == null ? waiting : waiting.and(later, space.values());
        sums.add(later);
      }
    }
    if (aside != null) {
      sums.add(later == null ? aside.waiting() : aside.waiting().and(later, space.values()));
    }
    return sums;
  }

  /** W2: the record is complete, whether or not it had changes for this group. */
  void recordEnds(long sequence) {
    open.advance(sequence);
    boolean full = open.isFull(sealed.isEmpty() ? 1 : BACKLOG_FACTOR);
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
    open = open.next();
  }

  // ---- loads ----

  /**
   * What is parked and what waits of the key, laid over what the store has. What a generation that
   * is being flushed has of it may be parked already, and must not be added twice.
   */
  <K, V> @Nullable V over(Space<K, V> space, K key, @Nullable V base) {
    ParkedKey<K, V> aside = parking.get(space, key);
    V value = aside == null ? base : aside.waiting().over(base, space.values());
    long parkedTo = aside == null ? 0 : aside.sequence();
    for (Generation generation : sealed) {
      value = over(generation.get(space, key), parkedTo, space.values(), value);
    }
    return over(open.get(space, key), parkedTo, space.values(), value);
  }

  private static <V> @Nullable V over(
      @Nullable Waiting<V> waiting, long parkedTo, ValueType<V> values, @Nullable V base) {
    return waiting == null || waiting.sequence() <= parkedTo ? base : waiting.over(base, values);
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
    ParkedKey<K, V> aside = parking.get(space, key);
    boolean parked = aside != null && aside.waiting().isWhole(space.values());
    if (parked || isWhole(open, space, key)) {
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
   * @return those of its keys that were flushed while it ran: it may have looked before that; and
   *     those that are being committed: it may have looked after that. They are to be loaded again,
   *     once that is {@link #decided}
   */
  <K, V> Set<K> loadEnds(long begun, Space<K, V> space, Iterable<K> keys) {
    Set<K> again = new HashSet<>();
    for (Flushed each : flushed.tailMap(begun).values()) {
      for (K key : keys) {
        if (each.has(space, key)) {
          again.add(key);
        }
      }
    }
    if (!decided.isDone()) {
      keys.forEach(
          key -> {
            if (isBeingCommitted(space, key)) {
              again.add(key);
            }
          });
    }
    loads.computeIfPresent(begun, (number, running) -> running == 1 ? null : running - 1);
    forgetFlushed();
    return again;
  }

  private <K, V> boolean isBeingCommitted(Space<K, V> space, K key) {
    Generation oldest = sealed.peek();
    boolean waits = oldest != null && oldest.get(space, key) != null;
    return waits || parking.get(space, key) != null; // which may go along
  }

  /** The oldest generation is about to be committed. {@link #decide} must follow. */
  void commits() {
    if (decided.isDone()) {
      decided = new CompletableFuture<>();
    }
  }

  /** It is known whether the store has it. */
  void decide() {
    decided.complete(null);
  }

  CompletableFuture<Void> decided() {
    return decided;
  }

  private void forgetFlushed() {
    if (loads.isEmpty()) {
      flushed.clear();
    } else {
      flushed.headMap(loads.firstKey()).clear();
    }
  }

  // ---- the flusher ----

  /**
   * The oldest sealed generation; the open one is sealed if it is due. Null if none is.
   *
   * @param holdsJournal whether a segment of the journal is kept only because the store's position
   *     is so old: then even a generation without a change is worth a flush
   */
  @Nullable Generation next(boolean holdsJournal) {
    boolean isDue = holdsJournal ? open.to() > open.from() : nanosUntilDue() <= 0;
    if (sealed.isEmpty() && isDue) {
      seal();
    }
    return sealed.peek();
  }

  /** How long until the open generation is to be flushed; for ever if nothing waits. */
  private long nanosUntilDue() {
    if (open.changes() == 0) {
      return Long.MAX_VALUE;
    }
    return open.isFull(1) ? 0 : open.dueAt() - engine.clock().nanos();
  }

  /** Waits until there may be something to flush. Under no lock. */
  void awaitDue() throws InterruptedException {
    long nanos = engine.locked(() -> sealed.isEmpty() ? nanosUntilDue() : 0L);
    nanos = Math.min(nanos, IDLE_NANOS);
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

  /**
   * The store has the oldest generation.
   *
   * @param retried parked changes that went with it
   * @return whom it concerns; what they do is for later
   */
  List<CompletableFuture<Void>> flushed(Generation generation, List<ParkedKey<?, ?>> retried) {
    if (sealed.poll() != generation) {
      throw new IllegalStateException("flushed out of order"); // W1
    }
    flushed.put(flushes++, new Flushed(generation, retried));
    decide();
    forgetFlushed();
    generation.end();
    retried.forEach(each -> each.stored(generation.to()));
    return waiters.take(generation.to());
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
    return whenReached(sealed.getLast().to());
  }

  /** Somebody waits for room: what waits is flushed soon, whatever its age. */
  void hurry() {
    if (sealed.isEmpty() && open.changes() > 0) { // else the flusher is at it
      seal();
      wake();
    }
  }

  /** Has a generation flushed that contains what was logged so far, changes or not. */
  CompletableFuture<Void> flushEmptyToo() {
    if (open.to() > open.from()) {
      seal();
    }
    return flush();
  }

  /** When the store has everything up to this sequence. */
  CompletableFuture<Void> whenReached(long sequence) {
    if (stopped != null) {
      return CompletableFuture.failedFuture(stopped);
    }
    if (sequence <= position()) {
      return CompletableFuture.completedFuture(null);
    }
    return waiters.add(sequence);
  }

  /** How many wait for a flush. */
  int waiters() {
    return waiters.size();
  }

  /** There will be no more flushes. Answers who waits for one. */
  List<CompletableFuture<Void>> stop(CacheException cause) {
    decide();
    return end(cause);
  }

  /** As {@link #stop}, while a flush may still run. */
  List<CompletableFuture<Void>> end(CacheException cause) {
    stopped = cause;
    engine.roomGiven(); // who waits for it learns that there will be none
    return waiters.takeAll();
  }

  /** Why there will be no more flushes; null if there will. Under any lock or none. */
  @Nullable CacheException stopped() {
    return stopped;
  }

  /** Up to where records have been logged. */
  long newest() {
    return open.to();
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

  int generations() {
    return sealed.size() + (open.changes() > 0 ? 1 : 0);
  }

  /** About how much memory they take. */
  long waitingBytes() {
    return open.bytes() + sealed.stream().mapToLong(Generation::bytes).sum();
  }

  /** When the oldest change that waits was logged, in the engine's nanoseconds. */
  OptionalLong oldestAt() {
    return sealed.stream()
        .filter(each -> each.changes() > 0)
        .findFirst()
        .or(() -> open.changes() > 0 ? Optional.of(open) : Optional.empty())
        .stream()
        .mapToLong(Generation::oldestAt)
        .findFirst();
  }
}
