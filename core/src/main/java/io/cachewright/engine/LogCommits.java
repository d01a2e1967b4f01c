// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.engine.Share.Lack;
import io.cachewright.journal.Acknowledgement;
import io.cachewright.journal.Journal;
import io.cachewright.store.ByteSink;
import io.cachewright.store.Written;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of a transaction into the log.
 *
 * <pre>
 *   encode ─► room ─► write lock [ watches, journal, table, write-behind ] ─► acknowledged by the
 *              │  ▲                                                           journal
 *         none │  │ again, when there may be some
 *              ▼  │
 *          WaitingCommits ─► at its deadline: LimitException
 * </pre>
 *
 * <p>L1 and L2 of {@link Log} are kept here. What waits holds no room, no lock and no thread: when
 * its turn comes, all of it is done anew, but for the look whether it can be written at all.
 */
final class LogCommits {
  /** A thread's buffer for records is given back if one was larger than this. */
  private static final int KEPT_BYTES_MAX = 64 << 10;

  /** No sequence: a watch was overtaken, or there is no room. */
  static final long NOT_MADE = -1;

  private final Engine engine;
  private final Log log;
  private final Records records;
  private final FlushGroups groups;
  private final Journal journal;
  private final WaitingCommits waiting;
  private final ThreadLocal<ByteSink> sinks;

  /**
   * The room that a transaction needs.
   *
   * @param recordBytes how long its record is
   */
  record Need(List<Share> shares, int recordBytes) {

    /** About how much memory its changes take while they wait. */
    long bytes() {
      long sum = 0;
      for (Share share : shares) {
        sum += share.bytes();
      }
      return sum;
    }
  }

  /**
   * A transaction on its way.
   *
   * @param alongside see {@link Engine#commit(List, Collection, Runnable, boolean)}
   */
  record Commit(
      List<? extends Write<?, ?>> writes,
      Collection<Watch> watches,
      Runnable alongside,
      Need need,
      LoggedTransaction answer) {

    List<Share> shares() {
      return need.shares();
    }

    /** The same, of lists that nobody changes. */
    Commit kept() {
      return new Commit(List.copyOf(writes), List.copyOf(watches), alongside, need, answer);
    }
  }

  /**
   * Who has a transaction made.
   *
   * @param results takes what became of each write
   * @param held whether {@link Journal#write} follows
   */
  private record Call(Acknowledgement answer, Consumer<Written<?>> results, boolean held) {}

  LogCommits(Log log, Records records, FlushGroups groups) {
    this.engine = log.engine();
    this.log = log;
    this.records = records;
    this.groups = groups;
    this.journal = log.journal();
    this.waiting = new WaitingCommits(this, engine.executor());
    this.sinks = ThreadLocal.withInitial(() -> new ByteSink(log.recordBytesMax()));
  }

  WaitingCommits waiting() {
    return waiting;
  }

  /** Makes it now, or when there is room. */
  CompletableFuture<@Nullable List<Written<?>>> commit(
      List<? extends Write<?, ?>> asked,
      Collection<Watch> watches,
      Runnable alongside,
      boolean callerWaits) {
    List<? extends Write<?, ?>> writes = records.isEmpty() ? asked : LoggedWrites.resolved(asked);
    ByteSink record = sinks.get();
    try {
      Need need = encoded(writes, record);
      LoggedTransaction answer = new LoggedTransaction(writes.size());
      Commit commit = new Commit(writes, watches, alongside, need, answer);
      Lack lack = waiting.before(need.shares());
      lack = lack == null ? reserve(need) : lack;
      if (lack == null) {
        finish(commit, make(commit, record));
      } else {
        waiting.join(commit.kept(), lack, callerWaits);
      }
      return answer;
    } finally {
      shrink(record);
    }
  }

  /** See {@link Log#commitNow}. */
  long commitNow(List<? extends Write<?, ?>> asked, Consumer<Written<?>> results) {
    List<? extends Write<?, ?>> writes = records.isEmpty() ? asked : LoggedWrites.resolved(asked);
    if (LoggedWrites.logged(writes).isEmpty()) {
      Rehearsal.of(writes);
      writes.forEach(write -> results.accept(write.applyInMemory()));
      return 0;
    }
    ByteSink record = sinks.get();
    try {
      Need need = encoded(writes, record);
      return waiting.before(need.shares()) != null || reserve(need) != null
          ? NOT_MADE
          : append(
              writes, need, record, new Call(LoggedWrites.removing(writes, log), results, true));
    } finally {
      shrink(record);
    }
  }

  /**
   * @throws io.cachewright.BadValueException if it cannot be written
   */
  private static Need encoded(List<? extends Write<?, ?>> writes, ByteSink record) {
    record.clear();
    TransactionFormat.write(LoggedWrites.logged(writes), record);
    return new Need(Share.of(writes), record.length());
  }

  private void shrink(ByteSink record) {
    if (record.length() > KEPT_BYTES_MAX) {
      sinks.remove();
    }
  }

  /**
   * L2. Takes all the room it needs, or none.
   *
   * @return what it lacks; null if it has got its room
   * @throws CacheException if there never will be room
   */
  @Nullable Lack reserve(Need need) {
    List<Share> shares = need.shares();
    Lack lack = null;
    int taken = 0;
    try {
      while (lack == null && taken < shares.size()) {
        if (shares.get(taken).tryTake()) {
          taken++;
        } else {
          lack = new Lack(shares.get(taken).in());
        }
      }
      if (lack == null && !journal.tryReserve(need.recordBytes())) {
        lack = Lack.OF_JOURNAL;
      }
    } catch (CacheException e) {
      shares.subList(0, taken).forEach(Share::give);
      throw e;
    }
    if (lack != null) {
      shares.subList(0, taken).forEach(Share::putBack);
      if (taken > 0) {
        waiting.lookAgain(); // someone may have been told no because of it
      }
      hurry(lack);
    }
    return lack;
  }

  private void hurry(Lack lack) {
    if (lack.in() instanceof LoggedBehind<?, ?> behind) {
      engine.runLocked(
          () -> {
            behind.behind().hurry();
          });
    }
  }

  private void giveRoom(Need need) {
    journal.release(need.recordBytes()); // void if it has closed, and this does no harm
    need.shares().forEach(Share::give);
  }

  /** Whether it would not be made, room or not. */
  boolean isOvertaken(Commit commit) {
    return !commit.watches().isEmpty() && engine.locked(() -> Engine.isOvertaken(commit.watches()));
  }

  /** Makes a commit that has waited and now has its room; {@link #finish} must follow. */
  long make(Commit commit) {
    ByteSink record = sinks.get();
    try {
      encoded(commit.writes(), record);
    } catch (RuntimeException | Error e) {
      giveRoom(commit.need());
      throw e;
    }
    try {
      return make(commit, record);
    } finally {
      shrink(record);
    }
  }

  /** Makes a commit that has its room; {@link #finish} must follow with what this answers. */
  private long make(Commit commit, ByteSink record) {
    engine.lock();
    try {
      if (Engine.isOvertaken(commit.watches())) {
        giveRoom(commit.need());
        return NOT_MADE;
      }
      LoggedTransaction answer = commit.answer();
      answer.afterwards(LoggedWrites.afterRemovals(commit.writes(), log));
      long sequence =
          append(commit.writes(), commit.need(), record, new Call(answer, answer::add, false));
      commit.alongside().run();
      return sequence;
    } finally {
      engine.unlock();
    }
  }

  /** L1. Under the write lock. The room is used, or given back. */
  private long append(List<? extends Write<?, ?>> writes, Need need, ByteSink record, Call call) {
    long sequence;
    boolean appended = false;
    try {
      Rehearsal.of(writes);
      byte[] bytes = record.array();
      int room = need.recordBytes();
      sequence =
          call.held()
              ? journal.appendHeld(bytes, record.length(), room, call.answer())
              : journal.append(bytes, record.length(), room, call.answer());
      appended = true;
    } finally {
      if (!appended) {
        giveRoom(need);
      }
    }
    for (int i = 0; i < writes.size(); i++) {
      Write<?, ?> write = writes.get(i);
      call.results()
          .accept(write.space().isLogged() ? write.applyLogged(sequence) : write.applyInMemory());
    }
    groups.recordEnds(sequence);
    return sequence;
  }

  /** Answers the caller, whose actions may run here: under no lock. */
  void finish(Commit commit, long sequence) {
    if (sequence == NOT_MADE) {
      commit.answer().complete(null);
    } else {
      commit.answer().applied(sequence);
    }
  }

  /**
   * Why there is no room, with the numbers of now.
   *
   * @param waited how long it has waited for it
   */
  CacheException refusal(Need need, Lack lack, Duration waited) {
    PendingRoom room = lack.in() == null ? null : lack.in().room();
    return room == null
        ? journal.refusal(need.recordBytes(), waited)
        : room.refusal(need.bytes(), waited);
  }
}
