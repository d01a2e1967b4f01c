// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import io.cachewright.journal.JournalFormat.Header;
import io.cachewright.journal.Segments.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the files of a journal after whatever has happened to them; {@link RecoveryTable} says what
 * is what.
 *
 * <pre>
 *   read every record of every segment ─┬─ CORRUPT: refuse, with nothing changed
 *                                       └─ else: cut what is TORN, force what was read, go on
 * </pre>
 *
 * <p>V1: what is found to be a record is on disk before anyone is shown it. A process that was
 * killed leaves records in the page cache which no fsync has confirmed; and after a failed fsync
 * the kernel may think them written which are not. So everything above the highest {@code synced}
 * is written once more, then forced. V2: power may fail at every step here: the next recovery finds
 * the same records.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final int PIECE_BYTES = 1 << 20;

  /**
   * @param active the file of the newest segment
   * @param end where its next record goes
   */
  record Opened(UUID log, List<Segment> segments, DiskFile active, long end, Recovered recovered) {}

  private final Disk disk;
  private final JournalOptions options;

  private Recovery(Disk disk, JournalOptions options) {
    this.disk = disk;
    this.options = options;
  }

  /** The directory must be locked. */
  static Opened run(Disk disk, JournalOptions options) throws IOException {
    Recovery recovery = new Recovery(disk, options);
    List<SegmentScan> scans = scan(disk);
    if (scans.isEmpty()) {
      recovery.requireNoSnapshot();
      return recovery.begin(UUID.randomUUID());
    }
    return recovery.open(scans);
  }

  /** Sequences that begin again at 1 would make no sense beside a snapshot. */
  private void requireNoSnapshot() throws IOException {
    for (String snapshot : Snapshots.names(disk)) {
      throw new JournalException(
          "journal: "
              + disk.directory()
              + " has "
              + snapshot
              + " and no segment to go on with. Nothing was changed. Put the segments back, or move"
              + " the snapshot away, and what it held is lost");
    }
  }

  /** Reads all segments, oldest first, and changes nothing. */
  static List<SegmentScan> scan(Disk disk) throws IOException {
    List<String> names =
        disk.list().stream().filter(JournalFormat::isSegmentName).sorted().toList();
    List<SegmentScan> scans = new ArrayList<>();
    UUID log = null;
    for (int i = 0; i < names.size(); i++) {
      long nextFirst = i + 1 < names.size() ? JournalFormat.firstByName(names.get(i + 1)) : 0;
      SegmentScan scan =
          SegmentScan.of(disk, new SegmentScan.Request(names.get(i), nextFirst, log));
      log = log == null ? scan.log() : log;
      scans.add(scan);
    }
    return scans;
  }

  private Opened begin(UUID log) throws IOException {
    DiskFile file = create(new Header(log, 1));
    Segment segment = new Segment(JournalFormat.segmentName(1), 1, options.segmentBytes());
    return new Opened(
        log, List.of(segment), file, JournalFormat.HEADER_BYTES, new Recovered(1, 1, 0, 0, ""));
  }

  private DiskFile create(Header header) throws IOException {
    DiskFile file = Allocation.allocate(disk, options.segmentBytes(), () -> false);
    try {
      Allocation.begin(disk, file, header);
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private Opened open(List<SegmentScan> scans) throws IOException {
    for (SegmentScan scan : scans) {
      if (scan.verdict() == RecoveryTable.CORRUPT) {
        throw refusal(disk, scan);
      }
    }
    disk.delete(JournalFormat.SPARE_NAME); // its zeros may not be on disk
    SegmentScan newest = scans.get(scans.size() - 1);
    UUID log = log(scans);
    long cut = 0;
    DiskFile active;
    if (newest.atHeader()) {
      active = create(new Header(log, newest.first())); // in place of the torn one
      newest = SegmentScan.of(disk, new SegmentScan.Request(newest.name(), 0, log));
    } else {
      active = disk.open(newest.name(), /* readOnly= */ false);
      try {
        cut = mend(active, newest, log);
      } catch (IOException | RuntimeException e) {
        active.close();
        throw e;
      }
    }
    List<Segment> segments = new ArrayList<>();
    scans.subList(0, scans.size() - 1).forEach(scan -> segments.add(segment(scan)));
    segments.add(segment(newest));
    String cutAt = cut == 0 ? "" : newest.place();
    if (cut > 0) {
      LOG.warn(
          "journal: cut {} bytes at {}/{}, of a write that a crash had interrupted",
          cut,
          disk.directory(),
          cutAt);
    }
    Recovered recovered =
        new Recovered(segments.size(), segments.get(0).first(), newest.last(), cut, cutAt);
    return new Opened(log, segments, active, newest.end(), recovered);
  }

  private static Segment segment(SegmentScan scan) {
    return new Segment(scan.name(), scan.first(), scan.size());
  }

  /** That of any good header. If there is none no record was ever written. */
  private static UUID log(List<SegmentScan> scans) {
    @Nullable UUID log = scans.get(0).log();
    return Objects.requireNonNullElseGet(log, UUID::randomUUID);
  }

  /** Cuts the end if it is torn; how many bytes. V1, V2. */
  private long mend(DiskFile file, SegmentScan scan, UUID log) throws IOException {
    SegmentReader reader = new SegmentReader(file, new JournalFormat(log));
    long cutEnd = reader.endOfNonZeros(scan.end());
    if (cutEnd > scan.end()) {
      Allocation.zero(file, scan.end(), cutEnd, () -> false);
    }
    while (reader.look() == SegmentReader.Here.RECORD && reader.sequence() <= scan.synced()) {
      reader.next();
    }
    rewrite(file, reader.offset(), scan.end());
    file.force();
    disk.syncDirectory(); // the newest segment's name may be as new as its records
    return cutEnd - scan.end();
  }

  private static void rewrite(DiskFile file, long from, long to) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect((int) Math.min(PIECE_BYTES, to - from));
    for (long at = from; at < to; at += piece.limit()) {
      piece.clear().limit((int) Math.min(piece.capacity(), to - at));
      file.readAll(piece, at);
      piece.flip();
      file.writeAll(piece, at);
    }
  }

  static JournalException refusal(Disk disk, SegmentScan scan) {
    Path directory = Path.of(disk.directory());
    Path data = directory.getParent();
    return new JournalException(
        "journal: "
            + directory
            + "/"
            + scan.name()
            + " is damaged at offset "
            + scan.end()
            + ": "
            + scan.damage()
            + ". Nothing was changed. What can be read and how to go on says:"
            + " cachewright journal inspect --data "
            + (data == null ? directory : data));
  }
}
