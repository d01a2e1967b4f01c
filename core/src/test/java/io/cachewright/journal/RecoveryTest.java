// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static io.cachewright.journal.Records.SMALL;
import static io.cachewright.journal.Records.append;
import static io.cachewright.journal.Records.large;
import static io.cachewright.journal.Records.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.ConfigurationException;
import io.cachewright.JournalException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of files that a crash, a disk or a hand has changed. */
final class RecoveryTest {
  private static final int RECORD_BYTES = JournalFormat.recordBytes(1);
  private static final String FIRST = JournalFormat.segmentName(1);

  @TempDir Path directory;

  /** Records 1=a to 4=d: each in a batch of its own, so that all but 4 are proven. */
  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));

  @BeforeEach
  void fourRecords() {
    try (Journal journal = Journal.open(disk, SMALL)) {
      append(journal, "a");
      append(journal, "b");
      append(journal, "c");
      append(journal, "d");
    }
  }

  private static int at(int record) {
    return JournalFormat.HEADER_BYTES + (record - 1) * RECORD_BYTES;
  }

  private static List<String> recovered(SimulatedDisk disk) {
    try (Journal journal = Journal.open(disk, SMALL)) {
      return read(journal);
    }
  }

  /** A refusal names the place and changes nothing. */
  private static void assertRefused(SimulatedDisk disk, String... says) {
    SimulatedDisk before = disk.copy();
    assertThatThrownBy(() -> Journal.open(disk, SMALL))
        .isInstanceOf(JournalException.class)
        .hasMessageContainingAll(says)
        .hasMessageContaining("cachewright journal inspect --data /simulated");
    assertThat(disk.isSameAs(before)).isTrue();
  }

  @Test
  void aFileCutAnywhereKeepsTheRecordsBeforeTheCut() throws IOException {
    byte[] whole = disk.content(FIRST);
    for (int length = 0; length <= at(5) + 30; length++) {
      Path own = Files.createDirectory(directory.resolve("cut" + length));
      Files.write(own.resolve(FIRST), Arrays.copyOf(whole, length));
      List<String> expected =
          List.of("1=a", "2=b", "3=c", "4=d")
              .subList(0, Math.max(0, Math.min(4, (length - at(1)) / RECORD_BYTES)));
      try (Journal journal = Journal.open(new FileDisk(own), SMALL)) {
        assertThat(read(journal)).as("length %d", length).isEqualTo(expected);
        append(journal, "new");
      }
      List<String> withNew = new ArrayList<>(expected);
      withNew.add(expected.size() + 1 + "=new");
      try (Journal journal = Journal.open(new FileDisk(own), SMALL)) {
        assertThat(read(journal)).as("length %d", length).isEqualTo(withNew);
      }
    }
  }

  @Test
  void aFlippedByteIsRefusedOrInTheLastBatchCut() {
    for (int i = 0; i < at(5) + 64; i++) {
      SimulatedDisk flipped = disk.copy();
      flipped.content(FIRST)[i] ^= (byte) 0x20;
      if (i < at(4)) {
        assertRefused(flipped, FIRST + " is damaged at offset");
      } else {
        List<String> kept =
            i < at(5) ? List.of("1=a", "2=b", "3=c") : List.of("1=a", "2=b", "3=c", "4=d");
        assertThat(recovered(flipped)).as("byte %d", i).isEqualTo(kept);
      }
    }
  }

  @Test
  void damageIsNamed() {
    disk.content(FIRST)[at(2) + JournalFormat.PAYLOAD_AT] = 'x';
    assertRefused(
        disk,
        "/simulated/journal/" + FIRST + " is damaged at offset " + at(2),
        "expected record 2, found bytes that are no record, or a damaged one",
        "Nothing was changed");
  }

  @Test
  void aHoleBeforeProvenRecordsIsRefused() {
    Arrays.fill(disk.content(FIRST), at(2), at(3), (byte) 0);
    assertRefused(disk, "expected record 2, found none");
  }

  /** Two records of one batch reached the disk, and the one before them did not. */
  @Test
  void aHoleBeforeRecordsOfTheSameBatchIsCutForGood() {
    byte[] content = disk.content(FIRST);
    JournalFormat format = new JournalFormat(SegmentFiles.log(content));
    byte[] batch = SegmentFiles.records(format, 5, 4, "e", "f", "g");
    System.arraycopy(batch, 0, content, at(5), batch.length);
    Arrays.fill(content, at(5), at(6), (byte) 0);
    try (Journal journal = Journal.open(disk, SMALL)) {
      assertThat(journal.recovered())
          .isEqualTo(new Recovered(1, 1, 4, 3 * RECORD_BYTES - 7, FIRST + ":" + at(5)));
      append(journal, "E"); // ends just where the stale record 6 was
    }
    assertThat(recovered(disk)).containsExactly("1=a", "2=b", "3=c", "4=d", "5=E");
  }

  @Test
  void aRecordOutOfOrderIsRefused() {
    byte[] content = disk.content(FIRST);
    System.arraycopy(content, at(4), content, at(2), RECORD_BYTES);
    assertRefused(disk, "expected record 2, found record 4");
  }

  @Test
  void aSpareAloneIsAnEmptyJournal() {
    SimulatedDisk empty = new SimulatedDisk(new Random(1));
    empty.content(JournalFormat.SPARE_NAME, new byte[1_000]);
    assertThat(recovered(empty)).isEmpty();
  }

  @Test
  void aTornHeaderOfTheNewestSegmentIsMadeAgain() {
    String newest = JournalFormat.segmentName(5);
    disk.content(newest, Arrays.copyOf(new byte[] {'C', 'W', 'J'}, 64 << 10));
    try (Journal journal = Journal.open(disk, SMALL)) {
      assertThat(read(journal)).containsExactly("1=a", "2=b", "3=c", "4=d");
      append(journal, "e");
    }
    assertThat(recovered(disk)).endsWith("5=e").hasSize(5);
    disk.content(newest)[0] = 0;
    assertRefused(disk, newest + " is damaged at offset 0", "found a damaged header");
  }

  @Test
  void aSegmentThatIsMissingIsNoticed() {
    String newest = JournalFormat.segmentName(6);
    disk.content(newest, SegmentFiles.empty(SegmentFiles.log(disk.content(FIRST)), 6));
    assertRefused(disk, "expected record 5, found none; the next segment begins with 6");
  }

  @Test
  void segmentsThatOverlapAreRefused() {
    String newest = JournalFormat.segmentName(4);
    disk.content(newest, SegmentFiles.empty(SegmentFiles.log(disk.content(FIRST)), 4));
    assertRefused(disk, FIRST, "expected record 4, found record 4");
  }

  @Test
  void aSegmentOfAnotherJournalIsRefused() {
    String newest = JournalFormat.segmentName(5);
    disk.content(newest, SegmentFiles.empty(new UUID(1, 2), 5));
    assertRefused(disk, newest, "found a segment of another journal");
  }

  @Test
  void aSegmentUnderAnotherNameIsRefused() {
    disk.content(JournalFormat.segmentName(9), disk.content(FIRST));
    disk.remove(FIRST);
    assertRefused(disk, "found the header of segment 1");
  }

  @Test
  void damageInASegmentThatIsNotTheNewestIsRefused() {
    try (Journal journal = Journal.open(disk, SMALL)) {
      append(journal, large("e", 30_000), large("f", 30_000), large("g", 30_000));
    }
    assertThat(disk.segments()).hasSize(2);
    SimulatedDisk header = disk.copy();
    header.content(FIRST)[3] = 0;
    assertRefused(header, FIRST + " is damaged at offset 0");
    SimulatedDisk end = disk.copy();
    end.content(FIRST)[(64 << 10) - 1] = 1;
    assertRefused(end, FIRST, "expected record 7");
  }

  @Test
  void aNewerFormatAsksForANewerCachewright() {
    byte[] content = disk.content(FIRST);
    ByteBuffer header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(8, 2);
    CRC32C crc = new CRC32C();
    crc.update(content, 0, 60);
    header.putInt(60, (int) crc.getValue());
    assertThatThrownBy(() -> Journal.open(disk, SMALL))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("has format version 2, and this Cachewright reads version 1")
        .hasMessageContaining("use a newer Cachewright");
  }
}
