// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.ConfigurationException;
import io.cachewright.journal.JournalFormat.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one segment holds, from its header to the first place that is not a record.
 *
 * @param first sequence of its first record, by its name
 * @param last sequence of its last good record; {@code first - 1} if there is none
 * @param end where the last good record ends
 * @param verdict what is there: END, TORN or CORRUPT
 * @param atHeader whether that place is the header
 * @param synced the highest sequence that a record of it knew to be on disk
 * @param damage what was expected and what was found; empty at END
 * @param log the id in its header; null if that is not good
 */
record SegmentScan(
    String name,
    long size,
    long first,
    long last,
    long end,
    RecoveryTable verdict,
    boolean atHeader,
    long synced,
    String damage,
    @Nullable UUID log) {

  /**
   * @param name of the segment
   * @param nextFirst the first sequence of the segment after it; 0 if it is the newest
   * @param log the journal's id, if it is known
   */
  record Request(String name, long nextFirst, @Nullable UUID log) {}

  /**
   * @throws ConfigurationException if a newer version wrote it
   */
  static SegmentScan of(Disk disk, Request request) throws IOException {
    try (DiskFile file = disk.open(request.name(), /* readOnly= */ true)) {
      ByteBuffer bytes = SegmentReader.readHeader(file);
      boolean good = JournalFormat.isHeader(bytes);
      if (good && JournalFormat.version(bytes) != JournalFormat.VERSION) {
        throw new ConfigurationException(
            "journal: "
                + disk.directory()
                + "/"
                + request.name()
                + " has format version "
                + JournalFormat.version(bytes)
                + ", and this Cachewright reads version "
                + JournalFormat.VERSION
                + "; use a newer Cachewright");
      }
      if (!good) {
        return badHeader(file, request, "a damaged header", JournalFormat.HEADER_BYTES);
      }
      Header header = JournalFormat.readHeader(bytes);
      if (header.first() != JournalFormat.firstByName(request.name())) {
        return badHeader(file, request, "the header of segment " + header.first(), 0);
      }
      if (request.log() != null && !request.log().equals(header.log())) {
        return badHeader(file, request, "a segment of another journal, " + header.log(), 0);
      }
      return new Records(file, request, header).read();
    }
  }

  /** A segment whose header is not what it should be. */
  private static SegmentScan badHeader(DiskFile file, Request request, String found, int zerosFrom)
      throws IOException {
    boolean clean =
        zerosFrom > 0
            && new SegmentReader(file, new JournalFormat(new UUID(0, 0))).onlyZerosFrom(zerosFrom);
    RecoveryTable verdict =
        RecoveryTable.atHeader(/* good= */ false, request.nextFirst() == 0, clean);
    long first = JournalFormat.firstByName(request.name());
    String damage = "expected the header of the segment, found " + found;
    return new SegmentScan(
        request.name(), file.size(), first, first - 1, 0, verdict, true, 0, damage, null);
  }

  /** The walk over the records of a segment with a good header. */
  private static final class Records {
    private final DiskFile file;
    private final Request request;
    private final Header header;
    private final SegmentReader reader;
    private long expected;
    private long synced;

    Records(DiskFile file, Request request, Header header) throws IOException {
      this.file = file;
      this.request = request;
      this.header = header;
      this.reader = new SegmentReader(file, new JournalFormat(header.log()));
      this.expected = header.first();
    }

    SegmentScan read() throws IOException {
      while (true) {
        SegmentReader.Here here = reader.look();
        RecoveryTable verdict =
            here == SegmentReader.Here.RECORD
                ? RecoveryTable.atRecord(
                    new RecoveryTable.Place(
                        /* good= */ true,
                        /* inOrder= */ reader.sequence() == expected,
                        /* zero= */ false,
                        request.nextFirst() != 0,
                        request.nextFirst() == expected,
                        /* proof= */ false,
                        /* clean= */ false))
                : atEnd(here == SegmentReader.Here.NEVER_WRITTEN);
        if (verdict != RecoveryTable.RECORD) {
          return ended(verdict, here);
        }
        synced = Math.max(synced, reader.synced());
        expected++;
        reader.next();
      }
    }

    private RecoveryTable atEnd(boolean zero) throws IOException {
      boolean clean = zero && reader.onlyZerosFrom(reader.offset());
      return RecoveryTable.atRecord(
          new RecoveryTable.Place(
              /* good= */ false,
              /* inOrder= */ false,
              zero,
              request.nextFirst() != 0,
              request.nextFirst() == expected,
              /* proof= */ !clean && reader.findProof(expected) >= 0,
              clean));
    }

    private SegmentScan ended(RecoveryTable verdict, SegmentReader.Here here) throws IOException {
      String damage =
          verdict == RecoveryTable.END
              ? ""
              : "expected record " + expected + ", found " + what(here);
      return new SegmentScan(
          request.name(),
          file.size(),
          header.first(),
          expected - 1,
          reader.offset(),
          verdict,
          /* atHeader= */ false,
          synced,
          damage,
          header.log());
    }

    private String what(SegmentReader.Here here) {
      boolean missing = request.nextFirst() != 0 && request.nextFirst() > expected;
      String after = missing ? "; the next segment begins with " + request.nextFirst() : "";
      return switch (here) {
        case RECORD -> "record " + reader.sequence() + after;
        case NEVER_WRITTEN -> "none" + after;
        case DAMAGED -> "bytes that are no record, or a damaged one" + after;
      };
    }
  }

  /** Where {@link #verdict} was found, as the command line takes it. */
  String place() {
    return name + ":" + end;
  }
}
