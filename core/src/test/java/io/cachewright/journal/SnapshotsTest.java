// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static io.cachewright.journal.Records.SMALL;
import static io.cachewright.journal.Records.append;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.ConfigurationException;
import io.cachewright.JournalException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots written, read, damaged, and written to a disk that is full. */
final class SnapshotsTest {
  private static final UUID LOG = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

  /** A journal that has all that any snapshot here needs. */
  private static final Recovered ALL = new Recovered(1, 1, 1_000, 0, "");

  private SimulatedDisk disk = new SimulatedDisk(new Random(1));

  /** As a start does. */
  private Snapshots open() {
    return Snapshots.open(disk, LOG);
  }

  private void write(long from, long to, String... blocks) {
    try (SnapshotWriter writer = open().begin(from)) {
      add(writer, blocks);
      writer.finish(to);
    }
  }

  private static void add(SnapshotWriter writer, String... blocks) {
    for (String block : blocks) {
      byte[] bytes = block.getBytes(StandardCharsets.UTF_8);
      writer.add(bytes, 0, bytes.length);
    }
  }

  private Snapshot newest() {
    return open().newest(ALL);
  }

  private static List<String> blocks(Snapshot snapshot) {
    List<String> blocks = new ArrayList<>();
    snapshot.read(block -> blocks.add(StandardCharsets.UTF_8.decode(block).toString()));
    return blocks;
  }

  private void assertRefused(String... texts) {
    assertThatThrownBy(() -> blocks(newest()))
        .isInstanceOf(JournalException.class)
        .hasMessageContainingAll(texts)
        .hasMessageContaining("Nothing was changed");
  }

  // ---- whole ----

  @Test
  void aNewDirectoryHasNone() {
    assertThat(newest()).isNull();
  }

  @Test
  void whatIsWrittenIsFoundAndRead() {
    write(4, 6, "one", "", "three");
    Snapshot newest = newest();
    assertThat(newest.from()).isEqualTo(4);
    assertThat(newest.to()).isEqualTo(6);
    assertThat(newest.count()).isEqualTo(3);
    assertThat(newest.bytes()).isEqualTo(disk.content(newest.name()).length);
    assertThat(blocks(newest)).containsExactly("one", "", "three");
    assertThat(blocks(newest)).as("and once more").hasSize(3);
  }

  @Test
  void oneWithoutBlocksIsOne() {
    write(0, 0);
    assertThat(blocks(newest())).isEmpty();
  }

  @Test
  void aPartOfAnArrayIsABlock() {
    try (SnapshotWriter writer = open().begin(1)) {
      writer.add("-middle-".getBytes(StandardCharsets.UTF_8), 1, 6);
      assertThatThrownBy(() -> writer.add(new byte[3], 1, 3))
          .isInstanceOf(IndexOutOfBoundsException.class);
      writer.finish(1);
    }
    assertThat(blocks(newest())).containsExactly("middle");
  }

  @Test
  void blocksOfAllSizesFillManyPages(@TempDir Path directory) {
    int[] sizes = {0, 1, 1 << 20, 700_000, 700_000, 16 << 20, 5, (1 << 20) - 20, (1 << 20) - 19};
    Disk real = new FileDisk(directory);
    try (SnapshotWriter writer = Snapshots.open(real, LOG).begin(1)) {
      for (int i = 0; i < 3 * sizes.length; i++) {
        writer.add(block(i, sizes[i % sizes.length]), 0, sizes[i % sizes.length]);
      }
      writer.finish(2);
    }
    int[] next = {0};
    Snapshot snapshot = Snapshots.open(real, LOG).newest(ALL);
    snapshot.read(
        block -> {
          byte[] bytes = new byte[block.remaining()];
          block.get(bytes);
          assertThat(bytes).isEqualTo(block(next[0], sizes[next[0] % sizes.length]));
          next[0]++;
        });
    assertThat(next[0]).isEqualTo(3 * sizes.length).isEqualTo((int) snapshot.count());
  }

  private static byte[] block(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void theDiskMayTakeLessThanItIsGiven() {
    disk.writeShort();
    write(1, 2, "x".repeat(3_000_000), "y");
    assertThat(blocks(newest())).containsExactly("x".repeat(3_000_000), "y");
  }

  @Test
  void blocksAreReadOnlyAndBigEndian() {
    write(1, 1, "text");
    newest()
        .read(
            block -> {
              assertThat(block.isReadOnly()).isTrue();
              assertThat(block.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            });
  }

  // ---- older and newer, whole and not ----

  @Test
  void n2_theNewOneReplacesTheOld() {
    write(4, 6, "old");
    try (SnapshotWriter writer = open().begin(9)) {
      add(writer, "new");
      assertThat(newestName()).isEqualTo(SnapshotFormat.name(4));
      writer.finish(12);
    }
    assertThat(blocks(newest())).containsExactly("new");
    assertThat(disk.list()).containsExactly(SnapshotFormat.name(9));
  }

  private String newestName() {
    return disk.list().stream().filter(SnapshotFormat::isName).max(String::compareTo).orElse("");
  }

  @Test
  void oneOfTheSamePositionReplacesTheOld() {
    write(4, 6, "old");
    write(4, 7, "new");
    assertThat(newest().to()).isEqualTo(7);
    assertThat(blocks(newest())).containsExactly("new");
  }

  @Test
  void anUnfinishedOneIsDeletedWhenItIsClosed() {
    Snapshots snapshots = open();
    SnapshotWriter writer = snapshots.begin(1);
    assertThatThrownBy(() -> snapshots.begin(2)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> writer.finish(0)).isInstanceOf(IllegalArgumentException.class);
    writer.close();
    writer.close();
    assertThat(disk.list()).isEmpty();
    assertThatThrownBy(() -> add(writer, "late")).isInstanceOf(IllegalStateException.class);
    snapshots.begin(2).close();
  }

  @Test
  void n1_whatACrashHasLeftUnfinishedIsDeleted() {
    write(1, 1, "old");
    SnapshotWriter writer = open().begin(2);
    add(writer, "x".repeat(2 << 20), "y"); // its process is killed
    assertThat(disk.list()).contains(SnapshotFormat.NEW_NAME);
    assertThat(blocks(newest())).containsExactly("old");
    assertThat(disk.list()).containsExactly(SnapshotFormat.name(1));
  }

  @Test
  void n4_whatAStartHasFoundSurvivesAPowerCut() throws Exception {
    for (int seed = 0; seed < 20; seed++) {
      disk = new SimulatedDisk(new Random(seed));
      write(2, 2, "new");
      disk.rename(SnapshotFormat.name(2), SnapshotFormat.NEW_NAME);
      disk.syncDirectory();
      disk.rename(SnapshotFormat.NEW_NAME, SnapshotFormat.name(2)); // its process is killed
      assertThat(newest().from()).isEqualTo(2);
      disk = disk.afterPowerCut();
      assertThat(newest().from()).isEqualTo(2);
    }
  }

  @Test
  void n2_onAFullDiskTheOldOneStays() {
    write(1, 1, "old");
    disk.capacity(3 << 20);
    Snapshots snapshots = open();
    SnapshotWriter writer = snapshots.begin(2);
    assertThatThrownBy(() -> add(writer, "x".repeat(2 << 20), "y".repeat(2 << 20), "z"))
        .isInstanceOf(JournalException.class)
        .hasMessageContainingAll(
            SnapshotFormat.name(2), "No space left on device", "bytes free", "the one before it");
    writer.close();
    assertThat(disk.list()).containsExactly(SnapshotFormat.name(1));
    assertThat(blocks(newest())).containsExactly("old");
    try (SnapshotWriter again = snapshots.begin(3)) {
      again.finish(3);
    }
    assertThat(newest().from()).isEqualTo(3);
  }

  @Test
  void n2_onADiskWithoutRoomForTheHeaderTheOldOneStays() {
    write(1, 1, "old");
    disk.capacity(disk.content(SnapshotFormat.name(1)).length);
    Snapshots snapshots = open();
    assertThatThrownBy(() -> snapshots.begin(2)).hasMessageContaining("No space left on device");
    assertThat(disk.list()).containsExactly(SnapshotFormat.name(1));
    disk.capacity(Long.MAX_VALUE);
    snapshots.begin(2).close();
  }

  @Test
  void n2_aFailedFsyncLeavesTheOldOne() {
    write(1, 1, "old");
    SnapshotWriter writer = open().begin(2);
    disk.failForce(1);
    assertThatThrownBy(() -> writer.finish(2)).hasMessageContaining("Input/output error");
    assertThat(disk.list()).containsExactly(SnapshotFormat.name(1));
  }

  // ---- damage ----

  @Test
  void oneThatIsCutAnywhereIsRefused() {
    write(1, 2, "one", "two");
    byte[] whole = disk.content(SnapshotFormat.name(1));
    for (int length = 0; length < whole.length; length++) {
      disk.content(SnapshotFormat.name(1), Arrays.copyOf(whole, length));
      assertRefused(
          "/simulated/journal/" + SnapshotFormat.name(1) + " is damaged at offset ",
          length < SnapshotFormat.HEADER_BYTES ? "offset 0: " : "offset " + length + ": ",
          "backup");
    }
  }

  @Test
  void oneWithMoreBehindItIsRefused() {
    write(1, 2, "one", "two");
    byte[] whole = disk.content(SnapshotFormat.name(1));
    disk.content(SnapshotFormat.name(1), Arrays.copyOf(whole, whole.length + 1));
    assertRefused("is damaged at offset " + (whole.length + 1));
  }

  @Test
  void everyBitIsChecked() {
    write(1, 2, "one", "x".repeat(1 << 20), "two");
    byte[] whole = disk.content(SnapshotFormat.name(1));
    for (int bit = 0; bit < 8 * whole.length; bit += bit < 2_000 ? 1 : 40_009) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      disk.content(SnapshotFormat.name(1), damaged);
      assertRefused("is damaged at offset ");
    }
  }

  @Test
  void everyBitOfTheTrailerIsChecked() {
    write(1, 2, "one");
    byte[] whole = disk.content(SnapshotFormat.name(1));
    for (int bit = 8 * (whole.length - SnapshotFormat.TRAILER_BYTES);
        bit < 8 * whole.length;
        bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      disk.content(SnapshotFormat.name(1), damaged);
      assertRefused("is damaged at offset " + whole.length);
    }
  }

  @Test
  void aLostPageIsNoticed() {
    write(1, 2, "x".repeat(SnapshotFormat.PAGE_BYTES), "y".repeat(SnapshotFormat.PAGE_BYTES));
    byte[] content = disk.content(SnapshotFormat.name(1));
    int page = SnapshotFormat.BLOCKS_AT + Integer.BYTES + SnapshotFormat.PAGE_BYTES;
    int second = SnapshotFormat.HEADER_BYTES + page;
    System.arraycopy(content, SnapshotFormat.HEADER_BYTES, content, second, page); // written twice
    assertRefused("is damaged at offset " + second);
  }

  @Test
  void n3_aDamagedOneIsNotPassedOverForAnOlderOne() {
    write(1, 1, "old");
    byte[] old = disk.content(SnapshotFormat.name(1));
    write(2, 2, "new");
    disk.content(SnapshotFormat.name(1), old);
    disk.content(SnapshotFormat.name(2))[SnapshotFormat.HEADER_BYTES + 17] ^= 1;
    assertRefused(SnapshotFormat.name(2) + " is damaged at offset " + SnapshotFormat.HEADER_BYTES);
  }

  @Test
  void oneUnderAnotherNameIsRefused() {
    write(1, 2, "one");
    disk.content(SnapshotFormat.name(7), disk.content(SnapshotFormat.name(1)));
    assertRefused("expected its own header, found that of " + SnapshotFormat.name(1));
  }

  @Test
  void oneOfAnotherJournalIsRefused() {
    write(1, 2, "one");
    UUID other = new UUID(1, 2);
    assertThatThrownBy(() -> Snapshots.open(disk, other).newest(ALL))
        .isInstanceOf(JournalException.class)
        .hasMessageContainingAll("belongs to journal " + LOG, "this is journal " + other);
  }

  @Test
  void oneOfANewerVersionIsRefused() {
    write(1, 2, "one");
    ByteBuffer header =
        ByteBuffer.wrap(disk.content(SnapshotFormat.name(1))).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(8, 2);
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, 60);
    header.putInt(60, (int) crc.getValue());
    assertThatThrownBy(this::newest)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("has format version 2, and this Cachewright reads version 1");
  }

  // ---- beside a journal ----

  @Test
  void theJournalMustHaveWhatIsReplayedOverIt() {
    write(10, 20, "one");
    for (Recovered enough :
        List.of(new Recovered(1, 11, 20, 0, ""), new Recovered(1, 1, 100, 0, ""))) {
      assertThat(open().newest(enough).from()).isEqualTo(10);
    }
    for (Recovered less :
        List.of(new Recovered(1, 12, 20, 0, ""), new Recovered(1, 11, 19, 0, ""))) {
      assertThatThrownBy(() -> open().newest(less))
          .isInstanceOf(JournalException.class)
          .hasMessageContaining(
              "needs records 11 to 20, and the journal has " + less.firstSequence());
    }
  }

  @Test
  void aSnapshotThatNeedsNoRecordsTellsHowFarItReaches() {
    write(10, 10, "one");
    assertThatThrownBy(() -> open().newest(new Recovered(1, 1, 9, 0, "")))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("reaches to record 10, and the journal has 1 to 9");
  }

  @Test
  void aJournalAndItsSnapshotsShareADirectory() {
    try (Journal journal = Journal.open(disk, SMALL)) {
      append(journal, "a", "b", "c");
      try (SnapshotWriter writer = Snapshots.open(disk, journal.log()).begin(2)) {
        add(writer, "state");
        writer.finish(3);
      }
    }
    try (Journal journal = Journal.open(disk, SMALL)) {
      assertThat(Records.readAfter(journal, 2)).containsExactly("3=c");
      Snapshot snapshot = Snapshots.open(disk, journal.log()).newest(journal.recovered());
      assertThat(blocks(snapshot)).containsExactly("state");
    }
  }

  @Test
  void aJournalDoesNotBeginAnewBesideASnapshot() {
    write(1, 2, "one");
    SimulatedDisk before = disk.copy();
    assertThatThrownBy(() -> Journal.open(disk, SMALL))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining(SnapshotFormat.name(1) + " and no segment to go on with");
    assertThat(disk.isSameAs(before)).isTrue();
  }
}
