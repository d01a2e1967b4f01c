// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import io.cachewright.journal.JournalFormat.Header;
import io.cachewright.journal.Segments.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit. All that arrived during one write goes out with the next, and one fsync.
 *
 * <pre>
 *   the writer's thread:
 *     wait ─► turn [ take ─► checksums ─► write ─► fsync, if FSYNC ─► acknowledge ─► recycle ]
 *      │                       └─ at a new segment: force the old one, begin the new one
 *      │                                            ─► else fsync, if it is due
 *      └─ under FSYNC, first for those just acknowledged ({@link Company})
 *   an appender's, unless FSYNC:
 *            turn [ take ─► checksums ─► write ─► acknowledge ─► recycle ]
 * </pre>
 *
 * <p>W1: a record is acknowledged only after what {@link Durability} promises has been done, in the
 * order of sequences. W2: a batch is composed only after the fsync of the one before has succeeded,
 * under FSYNC; {@code synced} in its records says so. W3: a segment is forced before the next one
 * is begun, whatever the durability. Recovery builds on W2 and W3.
 *
 * <p>W4: the first failure is the last. The kernel may have dropped the pages that it could not
 * write, and a second fsync can report success for data that is gone. So the journal closes for
 * good, and all that waits is told that its outcome is unknown.
 *
 * <p>W5: whoever has the turn writes, nobody else, and waits for no other thread. Appenders do not
 * wait for it, nor for an fsync: who does not get it, or meets a new segment, leaves the work to
 * whoever has it, or to the writer's thread. W6: that thread knows when the next fsync is due:
 * appenders do not write while nothing waits for one; nor while one is late by an interval, for
 * then more than a power cut may take back would be acknowledged.
 */
final class Writer implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Disk disk;
  private final Durability durability;
  private final UUID log;
  private final JournalFormat format;
  private final Segments segments;
  private final Intake intake;
  private final Spare spare;
  private final LongSupplier nanos;
  private final Progress durable;
  private final Progress synced;
  private final long segmentBytes;

  private final ReentrantLock turn = new ReentrantLock();

  /** Somebody did not get the turn. */
  private volatile boolean asked;

  private DiskFile active;
  private long offset;
  private @Nullable Batch current;
  private Company company = Company.NONE;
  private boolean failed;

  /** Up to here all is in the file. Written under the turn. */
  private volatile long written;

  /** When the next fsync is due. Set by the writer's thread. */
  private volatile long syncAt;

  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong fsyncs = new AtomicLong();
  private final AtomicLong fsyncNanosTotal = new AtomicLong();
  private volatile long fsyncNanosLast;

  /** What the writer works on. */
  record Parts(
      Disk disk, JournalOptions options, Segments segments, Intake intake, LongSupplier nanos) {}

  Writer(Parts parts, Recovery.Opened opened, Spare spare) {
    this.disk = parts.disk();
    this.durability = parts.options().durability();
    this.segmentBytes = parts.options().segmentBytes();
    this.segments = parts.segments();
    this.intake = parts.intake();
    this.nanos = parts.nanos();
    this.log = opened.log();
    this.format = new JournalFormat(log);
    this.active = opened.active();
    this.offset = opened.end();
    this.spare = spare;
    this.written = opened.recovered().lastSequence();
    this.durable = new Progress(written);
    this.synced = new Progress(written);
    this.syncAt = nanos.getAsLong() + INTERVAL_NANOS;
  }

  Progress durable() {
    return durable;
  }

  Progress synced() {
    return synced;
  }

  @Override
  @SuppressWarnings("CatchThrowable") // even out of memory must not leave callers waiting for ever
  public void run() {
    try {
      boolean more = true;
      while (more) {
        intake.await(company, nanosToWait());
        more = step();
      }
    } catch (Throwable e) {
      fail(e);
    }
  }

  private long nanosToWait() {
    turn.lock();
    try {
      return nanosUntilSync(); // W6: no appender is between its look and its write
    } finally {
      turn.unlock();
    }
  }

  private boolean step() throws IOException {
    Intake.Taken taken;
    turn.lock();
    try {
      if (failed) {
        return false;
      }
      taken = intake.take();
      Batch batch = taken.batch();
      put(batch);
      if (durability == Durability.FSYNC) {
        force();
        company = Company.after(batch.count(), intake.gathered(), fsyncNanosLast);
      }
      finish(batch);
    } finally {
      turn.unlock();
    }
    if (taken.sync() || taken.closing() || nanosUntilSync() <= 0) {
      if (asked) {
        write(); // else they would wait for the fsync
      }
      force();
    }
    return !taken.closing();
  }

  /** See {@link Journal#write}. */
  void write() {
    if (durability == Durability.FSYNC) {
      intake.wake();
      return;
    }
    asked = true;
    while (asked && !turn.isHeldByCurrentThread() && turn.tryLock()) {
      asked = false;
      boolean done;
      try {
        done = failed || putWithinSegment();
      } finally {
        turn.unlock();
      }
      if (!done) {
        intake.wake();
      }
    }
  }

  /** W5. Under the turn. */
  @SuppressWarnings("CatchThrowable") // even out of memory must not leave callers waiting for ever
  private boolean putWithinSegment() {
    if (durability == Durability.INTERVAL
        && (written == synced.reached() || nanos.getAsLong() - syncAt > INTERVAL_NANOS)) {
      return false; // W6
    }
    try {
      Batch batch = intake.takeWithinSegment();
      if (batch == null) {
        return false;
      }
      put(batch);
      finish(batch);
    } catch (Throwable e) {
      fail(e);
    }
    return true;
  }

  // ---- under the turn ----

  private void put(Batch batch) throws IOException {
    current = batch;
    if (!batch.isEmpty()) {
      write(batch);
      written = batch.last();
      batches.incrementAndGet();
    }
  }

  private void finish(Batch batch) {
    durable.advance(written);
    batch.acknowledge(); // W1
    intake.room().written(batch.bytes());
    intake.recycle(batch);
  }

  private long nanosUntilSync() {
    return durability == Durability.INTERVAL && written > synced.reached()
        ? syncAt - nanos.getAsLong()
        : Long.MAX_VALUE;
  }

  private void write(Batch batch) throws IOException {
    long known = synced.reached(); // W2
    for (Batch.Run run : batch.runs()) {
      ByteBuffer records = run.records().flip();
      format.seal(records, known);
      if (run.beginsSegment()) {
        roll(run.first());
      }
      active.writeAll(records, offset);
      offset += records.limit();
    }
  }

  private void roll(long first) throws IOException {
    written = first - 1;
    force(); // W3
    DiskFile next = spare.take();
    Allocation.begin(disk, next, new Header(log, first));
    active.close();
    active = next;
    offset = JournalFormat.HEADER_BYTES;
    segments.add(new Segment(JournalFormat.segmentName(first), first, segmentBytes));
    spare.taken();
  }

  /** On the writer's thread, which alone begins segments: so the file stays, turn or not. */
  private void force() throws IOException {
    long to = written;
    if (to > synced.reached()) {
      long begin = System.nanoTime();
      active.force();
      fsyncNanosLast = System.nanoTime() - begin;
      fsyncNanosTotal.addAndGet(fsyncNanosLast);
      fsyncs.incrementAndGet();
      synced.advance(to);
    }
    syncAt = nanos.getAsLong() + INTERVAL_NANOS;
  }

  /** W4. */
  private void fail(Throwable cause) {
    turn.lock();
    try {
      if (!failed) {
        failed = true;
        tellAll(cause);
      }
    } finally {
      turn.unlock();
    }
  }

  private void tellAll(Throwable cause) {
    JournalException failure =
        new JournalException(
            "journal: "
                + disk.directory()
                + " cannot be written to, and is closed for good after record "
                + durable.reached()
                + ": "
                + cause
                + ". What was waiting may or may not be there after a restart; mend the disk, then"
                + " restart",
            cause);
    LOG.error(failure.getMessage(), cause);
    Batch waiting = intake.fail(failure);
    durable.fail(failure);
    synced.fail(failure);
    if (current != null && current != waiting) {
      current.fail(failure);
    }
    waiting.fail(failure);
  }

  void closeFile() throws IOException {
    active.close();
  }

  // ---- numbers ----

  long batches() {
    return batches.get();
  }

  long fsyncs() {
    return fsyncs.get();
  }

  long fsyncNanosTotal() {
    return fsyncNanosTotal.get();
  }

  long fsyncNanosLast() {
    return fsyncNanosLast;
  }
}
