// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.ConfigurationException;
import io.cachewright.JournalException;
import io.cachewright.journal.SnapshotFormat.Header;
import io.cachewright.journal.SnapshotFormat.Trailer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole snapshot on disk: blocks of bytes, which contain every change at or below {@link #from},
 * and perhaps parts of those up to {@link #to}.
 *
 * <p>B1: header and trailer are checked before anyone has it; so a file that was cut short is never
 * one. B2: a block is checked before it is shown. A file of which one byte is wrong is refused.
 */
public final class Snapshot {
  private final Disk disk;
  private final String name;
  private final long bytes;
  private final ByteBuffer header;
  private final Trailer trailer;

  private Snapshot(Disk disk, String name, long bytes, ByteBuffer header, Trailer trailer) {
    this.disk = disk;
    this.name = name;
    this.bytes = bytes;
    this.header = header;
    this.trailer = trailer;
  }

  /**
   * Looks at header and trailer (B1).
   *
   * @param log the id that it must have, if that is known
   * @throws ConfigurationException if a newer version wrote it
   * @throws JournalException if it is damaged, or of another journal
   */
  static Snapshot of(Disk disk, String name, @Nullable UUID log) throws IOException {
    try (DiskFile file = disk.open(name, /* readOnly= */ true)) {
      ByteBuffer header = ByteBuffer.allocate(SnapshotFormat.HEADER_BYTES);
      file.readAll(header.order(ByteOrder.LITTLE_ENDIAN), 0);
      checkHeader(disk, name, header.flip());
      Header of = SnapshotFormat.readHeader(header);
      if (log != null && !log.equals(of.log())) {
        throw ofAnotherJournal(disk, name, of.log(), log);
      }
      long bytes = file.size();
      long trailerAt = bytes - SnapshotFormat.TRAILER_BYTES;
      ByteBuffer trailer = ByteBuffer.allocate(SnapshotFormat.TRAILER_BYTES);
      if (trailerAt >= SnapshotFormat.HEADER_BYTES) {
        file.readAll(trailer.order(ByteOrder.LITTLE_ENDIAN), trailerAt);
      }
      if (!new SnapshotFormat(header).isTrailer(trailer.flip(), trailerAt)) {
        throw damaged(disk, name, bytes, "expected the trailer before it, found none");
      }
      return new Snapshot(disk, name, bytes, header, SnapshotFormat.readTrailer(trailer));
    }
  }

  private static void checkHeader(Disk disk, String name, ByteBuffer header) {
    if (!SnapshotFormat.isHeader(header)) {
      throw damaged(disk, name, 0, "expected a header, found a damaged one or none");
    } else if (SnapshotFormat.version(header) != SnapshotFormat.VERSION) {
      throw new ConfigurationException(
          "journal: "
              + disk.directory()
              + "/"
              + name
              + " has format version "
              + SnapshotFormat.version(header)
              + ", and this Cachewright reads version "
              + SnapshotFormat.VERSION
              + "; use a newer Cachewright");
    }
    long from = SnapshotFormat.readHeader(header).from();
    if (from != SnapshotFormat.fromByName(name)) {
      String itsName = SnapshotFormat.name(from);
      throw damaged(disk, name, 0, "expected its own header, found that of " + itsName);
    }
  }

  /** Every change at or below it is contained. */
  public long from() {
    return SnapshotFormat.readHeader(header).from();
  }

  /** The newest change of which any part may be contained. */
  public long to() {
    return trailer.to();
  }

  /** How many blocks there are. */
  public long count() {
    return trailer.count();
  }

  /** On disk. */
  public long bytes() {
    return bytes;
  }

  /** Of the file. */
  public String name() {
    return name;
  }

  /**
   * Reads the blocks, in the order in which they were added.
   *
   * @param consumer of a block, from its position to its limit; big-endian, read-only, and only
   *     valid until it returns
   * @throws JournalException if the file is damaged or cannot be read; what was read before it is
   *     right, and of no use alone
   */
  public void read(Consumer<ByteBuffer> consumer) {
    try (DiskFile file = disk.open(name, /* readOnly= */ true)) {
      readPages(file, consumer);
    } catch (IOException e) {
      throw new JournalException(
          "journal: " + disk.directory() + "/" + name + " cannot be read: " + e, e);
    }
  }

  private void readPages(DiskFile file, Consumer<ByteBuffer> consumer) throws IOException {
    SnapshotFormat format = new SnapshotFormat(header);
    ByteBuffer page = SnapshotFormat.allocate(SnapshotFormat.PAGE_BYTES);
    long end = bytes - SnapshotFormat.TRAILER_BYTES;
    long count = 0;
    for (long at = SnapshotFormat.HEADER_BYTES; at < end; at += page.limit()) {
      page = load(file, page, at, end);
      if (!format.isPage(page, at)) {
        throw damaged(disk, name, at, "expected a page of blocks, found a damaged one");
      }
      count += show(page, at, consumer);
    }
    if (count != count()) {
      throw damaged(disk, name, end, "expected " + count() + " blocks, found " + count);
    }
  }

  /** Reads the page at that place; into another buffer if it is larger than this one. */
  private ByteBuffer load(DiskFile file, ByteBuffer buffer, long at, long end) throws IOException {
    file.readAll(buffer.clear().limit(SnapshotFormat.BLOCKS_AT), at);
    int length = SnapshotFormat.length(buffer);
    if (length <= 0 || length > end - at - SnapshotFormat.BLOCKS_AT) {
      throw damaged(disk, name, at, "expected a page of blocks, found a damaged one");
    }
    int wanted = Math.addExact(SnapshotFormat.BLOCKS_AT, length);
    ByteBuffer page = buffer;
    if (wanted > buffer.capacity()) {
      page = SnapshotFormat.allocate(wanted).put(buffer.flip());
    }
    file.readAll(page.limit(wanted), at + SnapshotFormat.BLOCKS_AT);
    if (page.hasRemaining()) {
      throw new IOException("it ends at " + (at + page.position()) + ", and had " + bytes);
    }
    return page.flip();
  }

  private int show(ByteBuffer page, long at, Consumer<ByteBuffer> consumer) {
    ByteBuffer blocks = page.asReadOnlyBuffer(); // big-endian, as it happens to all views
    int count = 0;
    int next = SnapshotFormat.BLOCKS_AT;
    while (next < page.limit()) {
      int length = next + Integer.BYTES <= page.limit() ? page.getInt(next) : -1;
      next += Integer.BYTES;
      if (length < 0 || length > page.limit() - next) {
        throw damaged(disk, name, at, "expected blocks that fill a page, found others");
      }
      consumer.accept(blocks.limit(next + length).position(next));
      next += length;
      count++;
    }
    return count;
  }

  private static JournalException damaged(Disk disk, String name, long offset, String what) {
    return new JournalException(
        "journal: "
            + disk.directory()
            + "/"
            + name
            + " is damaged at offset "
            + offset
            + ": "
            + what
            + ". Nothing was changed. Get the file back from a backup or another disk. If there is"
            + " none, move it away: what it held is then lost, but for what an older snapshot and"
            + " the journal have");
  }

  private static JournalException ofAnotherJournal(Disk disk, String name, UUID found, UUID log) {
    return new JournalException(
        "journal: "
            + disk.directory()
            + "/"
            + name
            + " belongs to journal "
            + found
            + ", and this is journal "
            + log
            + ". Nothing was changed. Put the segments of that journal back, or move the snapshot"
            + " away");
  }
}
