// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where appends and those who write meet: one batch fills while the other is written.
 *
 * <pre>
 *   append ─► filling ─── take ───► written
 *                ▲                     │
 *                └────── recycle ──────┘
 * </pre>
 *
 * <p>I1: sequences are given in the order in which records stand in the batch. I2: under the lock
 * are a copy of the payload and a few numbers; checksums, and all that waits for the disk, are left
 * to those who write. I3: a batch's buffers are theirs from {@link #take} to {@link #recycle}, and
 * one of them at a time has one. I4: the writer is woken by a record, unless that is held: then by
 * {@link #wake}. Once closed or failed no record is added.
 */
final class Intake {
  private static final int CHUNK_BYTES = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Room room;
  private final int chunkBytes;
  private final int freeChunksMax;
  private final ArrayDeque<ByteBuffer> freeChunks = new ArrayDeque<>();
  private Batch filling = new Batch();
  private Batch other = new Batch();

  /** The last buffer of {@link #filling}. */
  private @Nullable ByteBuffer tail;

  /** With how many records in {@link #filling} the writer goes on. */
  private int wanted = 1;

  private boolean syncWanted;
  private boolean closing;
  private @Nullable JournalException closed;
  private volatile long last;
  private long appendedBytes;

  /**
   * What the writer has to do.
   *
   * @param sync whether to force what is written, whatever the durability
   * @param closing whether this is the last batch
   */
  record Taken(Batch batch, boolean sync, boolean closing) {}

  Intake(Disk disk, JournalOptions options, long last, long activeLeft) {
    this.room = new Room(disk, options, lock, activeLeft);
    this.chunkBytes = (int) Math.min(CHUNK_BYTES, options.segmentBytes());
    this.freeChunksMax = (int) Math.max(2, options.waitingBytesMax() / chunkBytes);
    this.last = last;
  }

  Room room() {
    return room;
  }

  long last() {
    return last;
  }

  /** Of all records since the start. */
  long appendedBytes() {
    lock.lock();
    try {
      return appendedBytes;
    } finally {
      lock.unlock();
    }
  }

  // ---- the appender ----

  /**
   * @param reserved the payload bytes for which there is a reservation, at least {@code length}
   * @param held whether the appender goes on, and will say when it is to be written (I4)
   */
  long append(
      byte[] payload, int length, int reserved, Acknowledgement acknowledgement, boolean held) {
    Objects.checkFromIndexSize(0, length, payload.length);
    lock.lock();
    try {
      if (closed != null) {
        throw new JournalException(String.valueOf(closed.getMessage()), closed);
      }
      int bytes = JournalFormat.recordBytes(length);
      long sequence = last + 1;
      boolean rolls = room.wouldRoll(bytes, JournalFormat.recordBytes(reserved));
      filling.ensureOneMore();
      ByteBuffer buffer = bufferFor(bytes, sequence, rolls);
      // Here nothing has changed if memory has run out, and from here on nothing fails.
      JournalFormat.putRecord(buffer, sequence, payload, length);
      room.place(bytes, JournalFormat.recordBytes(reserved));
      filling.add(sequence, bytes, acknowledgement);
      last = sequence;
      appendedBytes += bytes;
      if (!held) {
        signal();
      }
      return sequence;
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    if (filling.count() >= wanted) {
      work.signal();
    }
  }

  /** What was held is to be written now. */
  void wake() {
    lock.lock();
    try {
      signal();
    } finally {
      lock.unlock();
    }
  }

  private ByteBuffer bufferFor(int bytes, long sequence, boolean rolls) {
    ByteBuffer buffer = tail;
    if (buffer == null || rolls || buffer.remaining() < bytes) {
      buffer = chunk(bytes);
      filling.runs().add(new Batch.Run(buffer, sequence, rolls));
      tail = buffer;
    }
    return buffer;
  }

  /** A large record has a buffer of its own, which is not kept. */
  private ByteBuffer chunk(int bytes) {
    ByteBuffer free = bytes <= chunkBytes ? freeChunks.pollLast() : null;
    return free != null
        ? free
        : ByteBuffer.allocateDirect(Math.max(bytes, chunkBytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  void requestSync() {
    lock.lock();
    try {
      syncWanted = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** No record is added any more; the writer ends when it has written those there are. */
  void close(JournalException why) {
    lock.lock();
    try {
      closing = true;
      shut(why);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  private void shut(JournalException why) {
    if (closed == null) {
      closed = why;
      room.close(why);
    }
  }

  // ---- those who write ----

  /** How many records wait for {@link #take}. */
  int gathered() {
    lock.lock();
    try {
      return filling.count();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for company, and then for any work, for at most so long. */
  void await(Company company, long nanosMax) {
    lock.lock();
    try {
      await(company.records(), company.nanos());
      await(1, nanosMax);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes what there is, if all of it goes to the segment that is being written; else null. What
   * else the writer has to do stays.
   */
  @Nullable Batch takeWithinSegment() {
    lock.lock();
    try {
      for (Batch.Run run : filling.runs()) {
        if (run.beginsSegment()) {
          return null;
        }
      }
      return swap();
    } finally {
      lock.unlock();
    }
  }

  /** Takes what there is to do: perhaps nothing. */
  Taken take() {
    lock.lock();
    try {
      Taken taken = new Taken(swap(), syncWanted, closing);
      syncWanted = false;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private Batch swap() {
    Batch taken = filling;
    filling = other;
    other = taken;
    tail = null;
    return taken;
  }

  /** Waits until so many records are there, or something else is to be done. */
  private void await(int records, long nanosMax) {
    wanted = records;
    long left = nanosMax;
    while (filling.count() < records && !syncWanted && !closing && left > 0) {
      try {
        left = work.awaitNanos(left);
      } catch (InterruptedException e) {
        // Nobody has a reason to interrupt the writer; close() ends it.
      }
    }
  }

  /** Takes back a batch that is done. */
  void recycle(Batch batch) {
    lock.lock();
    try {
      for (Batch.Run run : batch.runs()) {
        if (run.records().capacity() == chunkBytes && freeChunks.size() < freeChunksMax) {
          freeChunks.addLast(run.records().clear());
        }
      }
      batch.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Closes for good; the batch of those that no longer can be written. */
  Batch fail(JournalException why) {
    lock.lock();
    try {
      closed = why;
      room.close(why);
      return filling;
    } finally {
      lock.unlock();
    }
  }
}
