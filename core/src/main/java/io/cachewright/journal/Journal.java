// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.CacheException;
import io.cachewright.JournalException;
import io.cachewright.LimitException;
import io.cachewright.journal.Segments.Segment;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An append-only log of byte blocks. Each record has a sequence, 1 more than the one before, and is
 * acknowledged when it is as safe as {@link Durability} promises.
 *
 * <pre>
 *   open ─► replay ─► ( reserve ─► append ─► acknowledgement ) ... trim ... ─► close
 * </pre>
 *
 * <p>J1: an append waits for nothing; who reserved is sure to find room, in memory and on disk. J2:
 * acknowledged records are there after the next {@link #open}, in order and without gaps. J3: what
 * was never appended is never replayed. J4: after a failed write or fsync nothing is appended any
 * more, and {@link #durableSequence} stays.
 *
 * <p>Thread-safe, but for {@link #append}: one thread at a time.
 */
public final class Journal implements AutoCloseable {
  private final Disk disk;
  private final Closeable directoryLock;
  private final UUID log;
  private final Recovered recovered;
  private final Segments segments;
  private final long bytesAtStart;
  private final Intake intake;
  private final Spare spare;
  private final Writer writer;
  private final Thread writerThread;
  private final Thread spareThread;
  private final AtomicBoolean closing = new AtomicBoolean();

  private Journal(
      Disk disk,
      JournalOptions options,
      LongSupplier nanos,
      Closeable directoryLock,
      Recovery.Opened opened) {
    this.disk = disk;
    this.directoryLock = directoryLock;
    this.log = opened.log();
    this.recovered = opened.recovered();
    this.segments = new Segments(disk, opened.segments());
    Segment active = opened.segments().get(opened.segments().size() - 1);
    this.bytesAtStart = segments.bytes() - active.bytes() + opened.end();
    this.intake =
        new Intake(disk, options, recovered.lastSequence(), active.bytes() - opened.end());
    this.spare = new Spare(disk, options.segmentBytes(), intake.room());
    this.writer =
        new Writer(new Writer.Parts(disk, options, segments, intake, nanos), opened, spare);
    this.writerThread = thread(writer, "cachewright-journal");
    this.spareThread = thread(spare, "cachewright-journal-spare");
  }

  private static Thread thread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Opens the journal of a directory, or makes one.
   *
   * @throws io.cachewright.ConfigurationException if the directory cannot be used, another has it,
   *     or a newer version wrote it
   * @throws JournalException if it is damaged; nothing was changed
   */
  public static Journal open(Disk disk, JournalOptions options) {
    return open(disk, options, System::nanoTime);
  }

  static Journal open(Disk disk, JournalOptions options, LongSupplier nanos) {
    try {
      Closeable lock = disk.lock();
      try {
        Journal journal = new Journal(disk, options, nanos, lock, Recovery.run(disk, options));
        journal.writerThread.start();
        journal.spareThread.start();
        return journal;
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new JournalException("journal: " + disk.directory() + " cannot be opened: " + e, e);
    }
  }

  /** The id of this log, made when its directory was first used. */
  public UUID log() {
    return log;
  }

  public Recovered recovered() {
    return recovered;
  }

  /** Reads the records above {@code afterSequence}, in order. Before the first append. */
  public void replay(long afterSequence, Replay consumer) {
    if (lastSequence() > recovered.lastSequence()) {
      throw new IllegalStateException("replay after the first append");
    }
    List<Segment> all = segments.list();
    for (int i = 0; i < all.size(); i++) {
      boolean wanted = i + 1 == all.size() || all.get(i + 1).first() > afterSequence + 1;
      if (wanted) {
        replay(all.get(i), afterSequence, consumer);
      }
    }
  }

  private void replay(Segment segment, long afterSequence, Replay consumer) {
    try (DiskFile file = disk.open(segment.name(), /* readOnly= */ true)) {
      SegmentReader reader = new SegmentReader(file, new JournalFormat(log));
      while (reader.look() == SegmentReader.Here.RECORD) {
        if (reader.sequence() > afterSequence) {
          consumer.record(reader.sequence(), reader.payload());
        }
        reader.next();
      }
    } catch (IOException e) {
      throw new JournalException(
          "journal: " + disk.directory() + "/" + segment.name() + " cannot be read: " + e, e);
    }
  }

  // ---- appending ----

  /**
   * Takes room for a record, in memory and on disk, and waits for it if need be. One {@link
   * #append} or {@link #release} must follow.
   *
   * @throws LimitException if there still is none: nothing was changed
   */
  public void reserve(int payloadBytes, Duration maxWait) {
    intake.room().reserve(payloadBytes, maxWait);
  }

  /** As {@link #reserve} without waiting; false if there is no room. */
  public boolean tryReserve(int payloadBytes) {
    return intake.room().tryReserve(payloadBytes);
  }

  /**
   * Why {@link #tryReserve} answered no, for people.
   *
   * @param waited how long the caller has waited
   */
  public LimitException refusal(int payloadBytes, Duration waited) {
    return intake.room().why(payloadBytes, waited);
  }

  /**
   * From now on this is run each time when there may be room again, or never will be: by whoever
   * gives it back, perhaps under locks. It must not wait.
   */
  public void onRoom(Runnable given) {
    intake.room().onGiven(given);
  }

  /** Gives back a reservation that is not used. */
  public void release(int payloadBytes) {
    intake.room().release(payloadBytes);
  }

  /** Appends a payload of just the size that was reserved. It is copied. */
  public long append(byte[] payload, Acknowledgement acknowledgement) {
    return append(payload, payload.length, payload.length, acknowledgement);
  }

  /**
   * Appends a record: the first so many bytes of the payload. Waits for nothing (J1).
   *
   * @param reserved the bytes that were reserved, at least {@code length}; what is left is given
   *     back
   * @return its sequence
   * @throws JournalException if the journal is closed; the reservation is void
   */
  public long append(byte[] payload, int length, int reserved, Acknowledgement acknowledgement) {
    return intake.append(payload, length, reserved, acknowledgement, /* held= */ false);
  }

  /** As {@link #append}, for those who go on appending, and then call {@link #write}, soon. */
  public long appendHeld(
      byte[] payload, int length, int reserved, Acknowledgement acknowledgement) {
    return intake.append(payload, length, reserved, acknowledgement, /* held= */ true);
  }

  /**
   * Has what was appended written. If the durability asks for no fsync, mostly by the caller, which
   * spares the way to another thread and back; then it is acknowledged when this returns. Waits for
   * no other thread, and for no fsync. Under no lock that an acknowledgement takes.
   */
  public void write() {
    writer.write();
  }

  /** Of the newest record, written or not. */
  public long lastSequence() {
    return intake.last();
  }

  /** Of the newest record that is as safe as the durability promises. */
  public long durableSequence() {
    return writer.durable().reached();
  }

  /** Why no record becomes durable any more; null while records do. */
  public @Nullable JournalException failure() {
    return writer.durable().failure();
  }

  public CompletableFuture<Void> whenDurable(long sequence) {
    return writer.durable().when(sequence);
  }

  /** Has all records so far survive a power cut, whatever the durability. */
  public CompletableFuture<Void> whenSynced() {
    CompletableFuture<Void> synced = writer.synced().when(lastSequence());
    intake.requestSync();
    return synced;
  }

  /** As {@link #whenSynced}, and waits. */
  public void sync() {
    try {
      whenSynced().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof CacheException failure) {
        throw new JournalException(String.valueOf(failure.getMessage()), failure);
      }
      throw e;
    }
  }

  // ---- size ----

  /**
   * Deletes the segments that have no record above {@code sequence}; never the active one. Cheap if
   * there are none.
   */
  public void trim(long sequence) {
    if (segments.trim(sequence)) {
      spare.tryNow();
    }
  }

  /**
   * Whether a {@link #trim} to {@code sequence} would delete what one to {@code least} does not.
   */
  public boolean couldTrim(long least, long sequence) {
    return segments.isTrimmed(sequence) && !segments.isTrimmed(least);
  }

  /** On disk, with what is allocated ahead. */
  public long bytes() {
    return stats().bytes();
  }

  /**
   * Bytes of what was there at the start, and of the records that were appended since. It only
   * grows.
   */
  public long grownBytes() {
    return bytesAtStart + intake.appendedBytes();
  }

  public JournalStats stats() {
    List<Segment> all = segments.list();
    long ahead = spare.isReady() ? all.get(all.size() - 1).bytes() : 0;
    return new JournalStats(
        all.size(),
        segments.bytes() + ahead,
        intake.room().waiting(),
        lastSequence() - recovered.lastSequence(),
        writer.batches(),
        writer.fsyncs(),
        writer.fsyncNanosTotal(),
        writer.fsyncNanosLast());
  }

  /** Writes and forces what is waiting, and gives the directory up. */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    intake.close(new JournalException("journal: " + disk.directory() + " is closed"));
    spare.stop();
    join(writerThread);
    join(spareThread);
    try {
      writer.closeFile();
      spare.closeFile();
      directoryLock.close();
    } catch (IOException e) {
      throw new JournalException("journal: " + disk.directory() + " cannot be closed: " + e, e);
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
