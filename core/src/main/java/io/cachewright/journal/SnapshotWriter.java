// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import io.cachewright.journal.SnapshotFormat.Header;
import io.cachewright.journal.SnapshotFormat.Trailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A snapshot on its way. For one thread.
 *
 * <pre>
 *   begin ─► add ... ─┬─ finish: trailer ─► force ─► rename ─► sync directory ─► delete older ones
 *                     └─ close, or any failure: delete what was written
 * </pre>
 *
 * <p>Q1: a file has the name of a snapshot only when all of it is on disk. Q2: an older snapshot is
 * deleted only when the name of the new one is on disk, too. Q3: memory is bounded by 1 MiB and the
 * largest block. Q4: each page is forced at once: beside a snapshot that was forced as a whole a
 * record of the journal waited up to 0.3 s for its fsync, and so 12 ms.
 */
public final class SnapshotWriter implements AutoCloseable {
  private final Disk disk;
  private final Snapshots owner;
  private final long from;
  private final DiskFile file;
  private final SnapshotFormat format;
  private ByteBuffer page = SnapshotFormat.allocate(SnapshotFormat.PAGE_BYTES);
  private long offset;
  private long count;
  private boolean ended;

  SnapshotWriter(Disk disk, Snapshots owner, Header header) throws IOException {
    this.disk = disk;
    this.owner = owner;
    this.from = header.from();
    this.file = disk.create(SnapshotFormat.NEW_NAME);
    ByteBuffer bytes = SnapshotFormat.header(header);
    this.format = new SnapshotFormat(bytes);
    page.position(SnapshotFormat.BLOCKS_AT);
    try {
      write(bytes);
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
  }

  /**
   * Adds a block, which is copied.
   *
   * @throws JournalException if it cannot be written, or the disk is full: what was written is
   *     deleted
   */
  public void add(byte[] block, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, block.length);
    int bytes = SnapshotFormat.blockBytes(length);
    requireOpen();
    try {
      if (page.position() + bytes > SnapshotFormat.PAGE_BYTES) {
        writePage();
      }
      if (page.position() + bytes > page.capacity()) {
        page = SnapshotFormat.allocate(page.position() + bytes); // Q3
        page.position(SnapshotFormat.BLOCKS_AT);
      }
      SnapshotFormat.putBlock(page, block, offset, length);
      count++;
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
  }

  /**
   * Makes it the newest snapshot, and deletes those before it. The journal must have been synced up
   * to {@code to}: else a power cut could take back changes that the snapshot has.
   *
   * @param to the newest change of which any part may be contained
   * @throws JournalException if that fails: nothing was deleted, and the journal must not be
   *     trimmed
   */
  public void finish(long to) {
    requireOpen();
    if (to < from) {
      throw new IllegalArgumentException("a snapshot from " + from + " to " + to);
    }
    try {
      writePage();
      write(format.trailer(new Trailer(to, count), offset));
      file.force();
      file.close();
      disk.rename(SnapshotFormat.NEW_NAME, SnapshotFormat.name(from)); // Q1
      disk.syncDirectory();
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
    ended = true;
    owner.finished(from); // Q2
  }

  /** How many bytes it has on disk so far. */
  public long bytes() {
    return offset;
  }

  /** Abandons what is not finished: what was written is deleted. */
  @Override
  public void close() {
    if (ended) {
      return;
    }
    try {
      abandon();
    } catch (IOException e) {
      throw new JournalException(
          "journal: " + disk.directory() + "/" + SnapshotFormat.NEW_NAME + " cannot be deleted", e);
    }
  }

  private void abandon() throws IOException {
    ended = true;
    owner.abandoned();
    file.close();
    disk.delete(SnapshotFormat.NEW_NAME);
  }

  private void requireOpen() {
    if (ended) {
      throw new IllegalStateException("the snapshot has ended");
    }
  }

  private void writePage() throws IOException {
    if (page.position() > SnapshotFormat.BLOCKS_AT) {
      format.sealPage(page, offset);
      write(page);
      file.force(); // Q4
      page.clear().position(SnapshotFormat.BLOCKS_AT);
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    file.writeAll(bytes, offset);
    offset += bytes.limit();
  }

  private JournalException failed(Exception cause) {
    String free;
    try {
      free = disk.freeBytes() + " bytes free";
    } catch (IOException e) {
      free = "free bytes unknown";
    }
    try {
      abandon();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    return new JournalException(
        "journal: snapshot "
            + SnapshotFormat.name(from)
            + " cannot be written to "
            + disk.directory()
            + " ("
            + free
            + "; "
            + cause.getMessage()
            + "). What was written of it is deleted; the one before it and the journal have all"
            + " that it had, and the journal grows until one can be written",
        cause);
  }
}
