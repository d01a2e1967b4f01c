// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import io.cachewright.LimitException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Room for records, taken before they are appended, so that a refused write changes nothing. All
 * under the {@link Intake}'s lock.
 *
 * <p>A1: bytes reserved or appended, and not yet written, are at most {@code waitingBytesMax}. A2:
 * what is reserved and not yet appended fits the active segment as a whole, or else the spare as a
 * whole. So whatever the order of the appends, and whatever is left over at the end of the active
 * segment when the first one does not fit, each has a place: an append takes its bytes from both
 * sides of A2, and a roll leaves the spare for all that are left.
 */
final class Room {
  private final Disk disk;
  private final JournalOptions options;
  private final ReentrantLock lock;
  private final Condition changed;
  private final long capacity;

  /** Bytes left in the active segment. */
  private long activeLeft;

  private boolean spareReady;
  private long reserved;
  private long waiting;
  private @Nullable JournalException closed;

  /** Is told, under no lock, that there may be room again. Must not wait. */
  private volatile Runnable given = () -> {};

  /** Why there is no spare; empty if it is only being made. */
  private String noSpare = "";

  Room(Disk disk, JournalOptions options, ReentrantLock lock, long activeLeft) {
    this.disk = disk;
    this.options = options;
    this.lock = lock;
    this.changed = lock.newCondition();
    this.capacity = options.segmentBytes() - JournalFormat.HEADER_BYTES;
    this.activeLeft = activeLeft;
  }

  void onGiven(Runnable next) {
    given = next;
  }

  // ---- callers ----

  boolean tryReserve(int payloadBytes) {
    int bytes = checked(payloadBytes);
    lock.lock();
    try {
      return take(bytes);
    } finally {
      lock.unlock();
    }
  }

  void reserve(int payloadBytes, Duration maxWait) {
    int bytes = checked(payloadBytes);
    lock.lock();
    try {
      long left = maxWait.toNanos();
      while (!take(bytes)) {
        if (left <= 0) {
          throw refusal(bytes, maxWait);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refusal(bytes, maxWait);
    } finally {
      lock.unlock();
    }
  }

  void release(int payloadBytes) {
    int bytes = JournalFormat.recordBytes(payloadBytes);
    lock.lock();
    try {
      reserved -= bytes;
      waiting -= bytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    given.run();
  }

  private int checked(int payloadBytes) {
    if (payloadBytes > options.recordBytesMax()) {
      throw new LimitException(
          "journal: a change of "
              + payloadBytes
              + " bytes is larger than recordBytesMax, "
              + options.recordBytesMax());
    }
    return JournalFormat.recordBytes(payloadBytes);
  }

  private boolean take(int bytes) {
    if (closed != null) {
      throw new JournalException(String.valueOf(closed.getMessage()), closed);
    }
    if (waiting + bytes > options.waitingBytesMax() // A1
        || reserved + bytes > diskRoom()) { // A2
      return false;
    }
    reserved += bytes;
    waiting += bytes;
    return true;
  }

  private long diskRoom() {
    return spareReady ? Math.max(activeLeft, capacity) : activeLeft;
  }

  /** What is said to a caller for whose record there is no room. */
  LimitException why(int payloadBytes, Duration waited) {
    lock.lock();
    try {
      return refusal(JournalFormat.recordBytes(payloadBytes), waited);
    } finally {
      lock.unlock();
    }
  }

  private LimitException refusal(int bytes, Duration waited) {
    String tail = waited.isZero() ? "" : "; gave up after " + waited.toMillis() + " ms";
    if (waiting + bytes > options.waitingBytesMax()) {
      return new LimitException(
          "journal: "
              + waiting
              + " bytes are waiting to be written, and waitingBytesMax is "
              + options.waitingBytesMax()
              + tail);
    }
    String what = noSpare.isEmpty() ? "the next segment is not ready yet" : noSpare;
    return new LimitException(
        "journal: " + what + "; " + diskRoom() + " bytes are left in " + disk.directory() + tail);
  }

  // ---- the intake, the writer and the maker of spares ----

  /** Whether a record, for which there is a reservation, is the first of a new segment. */
  boolean wouldRoll(int bytes, int reservedBytes) {
    if (reserved < reservedBytes || bytes > reservedBytes) {
      throw new IllegalStateException(
          "append of " + bytes + " bytes, with " + reservedBytes + " of " + reserved + " reserved");
    }
    return bytes > activeLeft;
  }

  /** Takes the place of that record. */
  void place(int bytes, int reservedBytes) {
    if (bytes > activeLeft) {
      activeLeft = capacity;
      spareReady = false;
    }
    activeLeft -= bytes;
    reserved -= reservedBytes;
    waiting -= reservedBytes - bytes;
  }

  void written(long bytes) {
    lock.lock();
    try {
      waiting -= bytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    given.run();
  }

  void spareReady() {
    lock.lock();
    try {
      spareReady = true;
      noSpare = "";
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    given.run();
  }

  void noSpare(String why) {
    lock.lock();
    try {
      noSpare = why;
    } finally {
      lock.unlock();
    }
  }

  void close(JournalException why) {
    lock.lock();
    try {
      closed = why;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    given.run(); // who waits learns why
  }

  long waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }
}
