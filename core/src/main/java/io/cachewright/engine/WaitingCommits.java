// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.JournalException;
import io.cachewright.LimitException;
import io.cachewright.engine.LogCommits.Commit;
import io.cachewright.engine.Share.Lack;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Commits that wait for room in the log (P7): for {@code max-pending} of a keyspace, or for the
 * journal's. Callers that block and callers that do not stand in the same lanes.
 *
 * <pre>
 *   no room, or others wait ─► a lane for each of its keyspaces ─► first in all ─► again ─► made
 *                                   │                                ▲               │
 *                                   │                     room given └────── no ◄────┘
 *                                   ├─ its deadline ─► LimitException
 *                                   └─ the log's end ─► JournalException
 * </pre>
 *
 * <p>C1: a commit is made only when no other waits before it in a lane of one of its keyspaces: so
 * writes of a key are made in the order in which a caller asked for them, and a large one is not
 * overtaken for ever by small ones. Keyspaces do not wait for each other, but for a transaction of
 * both. C2: while the journal has no room for the first that needs it, nobody else takes any,
 * whatever the keyspace. C3: each commit is answered: made, refused at its deadline or at the end,
 * or failed with what its own try says. C4: after room was given back, and after whoever is first
 * in a lane has gone, the first ones are tried again: by one thread of the executor, whose turn it
 * is, and which holds no lock meanwhile. C5: callers' actions run after the turn has been given up,
 * so one of them may wait for another commit. C6: a lane has at most {@code waitingMax} commits and
 * {@link #BYTES_MAX} bytes; a caller that blocks may always join, for it holds a thread, and of
 * these there are not many.
 */
final class WaitingCommits {
  /** Of what waits in one lane. A commit that is larger than this may wait alone. */
  static final long BYTES_MAX = 64L << 20;

  /** How many are answered at the end of a turn, at most. */
  private static final int TURN_MAX = 1_000;

  private enum Turn {
    /** Nobody tries. */
    FREE,
    /** Somebody does. */
    TAKEN,
    /** Somebody does, and has to look again. */
    AGAIN
  }

  /** A commit that waits. */
  private static final class Waiter {
    final Commit commit;
    final long number;
    final Duration waitMax;

    /** In nanoseconds of {@link #now}. */
    final long deadline;

    /** What it was told last, or whoever is before it. */
    Lack lack;

    Waiter(Commit commit, long number, Duration waitMax, long deadline, Lack lack) {
      this.commit = commit;
      this.number = number;
      this.waitMax = waitMax;
      this.deadline = deadline;
      this.lack = lack;
    }
  }

  private static final class Lane {
    final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    long bytes;
  }

  private final LogCommits commits;
  private final Executor executor;
  private final long start = System.nanoTime();

  /** Guards the lanes. Nothing is called while it is held. */
  private final Object lock = new Object();

  /** By keyspace; only those in which somebody waits. */
  private final IdentityHashMap<Logged<?, ?>, Lane> lanes = new IdentityHashMap<>();

  private final TreeSet<Waiter> byDeadline =
      new TreeSet<>(
          Comparator.comparingLong((Waiter each) -> each.deadline)
              .thenComparingLong(each -> each.number));

  private long nextNumber;

  /** When somebody will look for deadlines; {@link Long#MAX_VALUE}: never. */
  private long looksAt = Long.MAX_VALUE;

  private @Nullable CacheException closed;

  /** C2. Whether the first that needs it was told no. */
  private volatile boolean journalFull;

  /** How many wait. Written under the lock. */
  private final AtomicInteger size = new AtomicInteger();

  private final AtomicReference<Turn> turn = new AtomicReference<>(Turn.FREE);

  /** Whose turn it is. What that thread itself gives back is no news to it. */
  private volatile @Nullable Thread trying;

  WaitingCommits(LogCommits commits, Executor executor) {
    this.commits = commits;
    this.executor = executor;
  }

  int size() {
    return size.get();
  }

  private long now() {
    return System.nanoTime() - start;
  }

  // ---- callers ----

  /** What those lack that wait before a commit; null if none does, and it may take room. */
  @Nullable Lack before(List<Share> shares) {
    if (size.get() == 0) {
      return null;
    }
    synchronized (lock) {
      for (Share share : shares) {
        Lane lane = lanes.get(share.in());
        if (lane != null) {
          return lane.waiters.element().lack;
        }
      }
    }
    return isJournalFull() ? Lack.OF_JOURNAL : null;
  }

  /** C2. Whether others wait for the journal, so that nobody else may take room in it. */
  private boolean isJournalFull() {
    return journalFull && size.get() > 0;
  }

  /**
   * Has a commit wait that lacks room. Its lists must not change any more.
   *
   * @param blocks whether its caller's thread waits with it
   * @throws LimitException if it may not wait, or too many do (C6)
   * @throws JournalException if the log is being closed
   */
  void join(Commit commit, Lack lack, boolean blocks) {
    Duration waitMax = commit.shares().get(0).in().space().options().waitMax();
    if (waitMax.isZero()) {
      throw commits.refusal(commit.need(), lack, Duration.ZERO);
    }
    boolean isFirst;
    synchronized (lock) {
      if (closed != null) {
        throw closed;
      }
      if (!blocks) {
        checkBounds(commit);
      }
      long now = now();
      long nanos = Math.min(TimeUnit.NANOSECONDS.convert(waitMax), Long.MAX_VALUE - now);
      Waiter waiter = new Waiter(commit, nextNumber++, waitMax, now + nanos, lack);
      byDeadline.add(waiter);
      for (Share share : commit.shares()) {
        Lane lane = lanes.computeIfAbsent(share.in(), absent -> new Lane());
        lane.waiters.add(waiter);
        lane.bytes += share.bytes();
      }
      size.incrementAndGet();
      journalFull |= lack.in() == null;
      isFirst = isFirst(waiter);
    }
    lookAtDeadlines();
    if (isFirst) { // room may have been given back since it was told no (C4)
      lookAgain();
    }
  }

  /** C6. Under the lock. */
  private void checkBounds(Commit commit) {
    for (Share share : commit.shares()) {
      Lane lane = lanes.get(share.in());
      Space<?, ?> space = share.in().space();
      if (lane == null) {
        continue;
      }
      int waitingMax = space.options().waitingMax();
      if (lane.waiters.size() >= waitingMax) {
        throw full(space, lane, String.format("which is waitingMax, %,d", waitingMax));
      } else if (lane.bytes + share.bytes() > BYTES_MAX) {
        throw full(
            space,
            lane,
            String.format(
                "and with %,d more they would be over the %,d bytes that may wait for room",
                share.bytes(), BYTES_MAX));
      }
    }
  }

  private static LimitException full(Space<?, ?> space, Lane lane, String bound) {
    return new LimitException(
        String.format(
            "keyspace %s: %,d writes of %,d bytes wait for room already, %s. The database or the"
                + " journal's disk is slower than the writers, or away: try again later, or send"
                + " less at once",
            space.name(), lane.waiters.size(), lane.bytes, bound));
  }

  /** All that wait are failed, soon, and all that would. */
  void close() {
    synchronized (lock) {
      closed =
          new JournalException(
              "the cache is being closed: a write that waited for room, in max-pending or in the"
                  + " journal, was not made");
    }
    lookAgain();
  }

  // ---- when somebody looks ----

  /** There may be more room than before. Waits for nothing, under any lock or none. */
  void roomGiven() {
    if (size.get() > 0) {
      lookAgain();
    }
  }

  /** C4. The first ones may not know yet what is so. Waits for nothing. */
  void lookAgain() {
    if (trying == Thread.currentThread()) {
      return; // it goes on as long as it gets ahead
    }
    if (turn.getAndUpdate(now -> now == Turn.FREE ? Turn.TAKEN : Turn.AGAIN) == Turn.FREE) {
      var unused = passOn();
    }
  }

  /**
   * Gives the turn to a thread of the executor. There may be none: the engine is closed, or memory
   * is short. Then nobody has the turn, and whoever looks next takes it.
   */
  private boolean passOn() {
    try {
      executor.execute(this::run);
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      turn.set(Turn.FREE);
      return false;
    }
  }

  /** There is one look ahead, at the first deadline or before. */
  private void lookAtDeadlines() {
    long at;
    synchronized (lock) {
      if (byDeadline.isEmpty() || byDeadline.first().deadline >= looksAt) {
        return;
      }
      at = byDeadline.first().deadline;
      looksAt = at;
    }
    CompletableFuture.delayedExecutor(Math.max(0, at - now()), TimeUnit.NANOSECONDS, Runnable::run)
        .execute(() -> deadlineComes(at));
  }

  private void deadlineComes(long at) {
    synchronized (lock) {
      if (looksAt == at) {
        looksAt = Long.MAX_VALUE;
      }
    }
    lookAgain();
  }

  // ---- the turn ----

  private void run() {
    boolean again = true;
    while (again) {
      // With nobody to pass the turn on to, nobody else would answer those who are left (C3).
      again = !runTurn() && size.get() > 0 && turn.compareAndSet(Turn.FREE, Turn.TAKEN);
    }
  }

  /** Whether it ended with all done that there was, or with the turn passed on. */
  private boolean runTurn() {
    List<Runnable> answers = new ArrayList<>();
    boolean over = false;
    try {
      while (!over && answers.size() < TURN_MAX) {
        trying = Thread.currentThread();
        turn.set(Turn.TAKEN);
        look(answers);
        trying = null;
        over = turn.compareAndSet(Turn.TAKEN, Turn.FREE);
      }
    } finally { // after an error, too: others wait
      trying = null;
      over = over || passOn();
      answers.forEach(Runnable::run); // C5
    }
    return over;
  }

  private void look(List<Runnable> answers) {
    end(answers);
    boolean ahead = true;
    while (ahead && answers.size() < TURN_MAX) {
      ahead = tryFirst(answers);
    }
    if (ahead) {
      turn.set(Turn.AGAIN);
    }
    lookAtDeadlines();
  }

  /** C3: those whose time is over, or all. */
  private void end(List<Runnable> answers) {
    List<Waiter> ended = new ArrayList<>();
    CacheException why;
    synchronized (lock) {
      why = closed;
      long now = now();
      while (!byDeadline.isEmpty() && (why != null || byDeadline.first().deadline <= now)) {
        Waiter first = byDeadline.first();
        remove(first);
        ended.add(first);
      }
    }
    for (Waiter each : ended) {
      CacheException error =
          why != null ? why : commits.refusal(each.commit.need(), each.lack, each.waitMax);
      answers.add(() -> each.commit.answer().completeExceptionally(error));
    }
  }

  /** Tries the first of each lane, the oldest first; whether any of them has gone. */
  private boolean tryFirst(List<Runnable> answers) {
    boolean ahead = false;
    for (Waiter each : first()) {
      Lack lack = attempt(each.commit, answers);
      if (lack == null) {
        ahead = true;
        synchronized (lock) {
          remove(each);
        }
      } else {
        synchronized (lock) {
          each.lack = lack;
        }
        if (lack.in() == null) {
          journalFull = true; // C2
          return ahead;
        }
      }
    }
    journalFull = false;
    return ahead;
  }

  /** What it still lacks; null if it needs to wait no more. */
  private @Nullable Lack attempt(Commit commit, List<Runnable> answers) {
    try {
      if (commits.isOvertaken(commit)) {
        answers.add(() -> commit.answer().complete(null));
        return null;
      }
      Lack lack = commits.reserve(commit.need());
      if (lack == null) {
        long sequence = commits.make(commit);
        answers.add(() -> commits.finish(commit, sequence));
      }
      return lack;
    } catch (RuntimeException | Error e) {
      answers.add(() -> commit.answer().completeExceptionally(e));
      return null;
    }
  }

  // ---- the lanes ----

  private Collection<Waiter> first() {
    TreeSet<Waiter> first = new TreeSet<>(Comparator.comparingLong(each -> each.number));
    synchronized (lock) {
      for (Lane lane : lanes.values()) {
        Waiter waiter = lane.waiters.element();
        if (isFirst(waiter)) {
          first.add(waiter);
        }
      }
    }
    return first;
  }

  /** C1. Under the lock. */
  @SuppressWarnings("ReferenceEquality") // a waiter is itself
  private boolean isFirst(Waiter waiter) {
    for (Share share : waiter.commit.shares()) {
      if (Objects.requireNonNull(lanes.get(share.in())).waiters.element() != waiter) {
        return false;
      }
    }
    return true;
  }

  /** Under the lock. */
  private void remove(Waiter waiter) {
    byDeadline.remove(waiter);
    for (Share share : waiter.commit.shares()) {
      Lane lane = Objects.requireNonNull(lanes.get(share.in()));
      lane.waiters.remove(waiter);
      lane.bytes -= share.bytes();
      if (lane.waiters.isEmpty()) {
        lanes.remove(share.in());
      }
    }
    size.decrementAndGet();
  }
}
