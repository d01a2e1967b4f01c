// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static io.cachewright.journal.Records.SMALL;
import static io.cachewright.journal.Records.append;
import static io.cachewright.journal.Records.large;
import static io.cachewright.journal.Records.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachewright.ConfigurationException;
import io.cachewright.journal.JournalInspection.Damage;
import io.cachewright.journal.JournalInspection.Segment;
import io.cachewright.journal.JournalInspection.SnapshotFile;
import io.cachewright.journal.JournalInspection.State;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A look at a journal from outside, and a cut. */
final class JournalInspectionTest {
  private static final String FIRST = JournalFormat.segmentName(1);
  private static final String SECOND = JournalFormat.segmentName(4);
  private static final int LARGE_BYTES = JournalFormat.recordBytes(20_000);
  private static final int FILE_BYTES = 64 << 10;

  /** Records 1 to 3 in the first segment, 4 and 5 in the second. */
  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));

  @BeforeEach
  void fiveRecords() {
    try (Journal journal = Journal.open(disk, SMALL)) {
      for (int i = 1; i <= 5; i++) {
        append(journal, large("r" + i, 20_000));
      }
    }
  }

  private static int at(int recordOfSegment) {
    return JournalFormat.HEADER_BYTES + (recordOfSegment - 1) * LARGE_BYTES;
  }

  private static List<String> names(Journal journal) {
    return read(journal).stream().map(text -> text.substring(0, 4)).toList();
  }

  @Test
  void segmentsAreListed() {
    JournalInspection inspection = JournalInspection.of(disk);
    assertThat(inspection.segments())
        .containsExactly(
            new Segment(FIRST, 1, 3, at(4), FILE_BYTES, State.COMPLETE),
            new Segment(SECOND, 4, 2, at(3), FILE_BYTES, State.ACTIVE));
    assertThat(inspection.damage()).isNull();
  }

  @Test
  void snapshotsAreListedAndChecked() {
    UUID log = SegmentFiles.log(disk.content(FIRST));
    try (SnapshotWriter writer = Snapshots.open(disk, log).begin(4)) {
      writer.add(new byte[100], 0, 100);
      writer.finish(5);
    }
    String name = SnapshotFormat.name(4);
    int bytes = SnapshotFormat.HEADER_BYTES + 120 + SnapshotFormat.TRAILER_BYTES;
    assertThat(JournalInspection.of(disk).snapshots())
        .containsExactly(new SnapshotFile(name, 4, 5, 1, bytes, ""));
    disk.content(name)[SnapshotFormat.HEADER_BYTES + 50] ^= 1;
    assertThat(JournalInspection.of(disk).snapshots())
        .singleElement()
        .satisfies(
            file -> {
              assertThat(file.to()).isEqualTo(5);
              assertThat(file.damage()).contains(name + " is damaged at offset 64");
            });
    disk.content(name)[0] ^= 1;
    assertThat(JournalInspection.of(disk).snapshots())
        .singleElement()
        .satisfies(
            file -> {
              assertThat(file.to()).isEqualTo(-1);
              assertThat(file.damage()).contains(name + " is damaged at offset 0");
            });
    assertThat(JournalInspection.of(disk).segments()).hasSize(2);
    assertThat(JournalInspection.of(disk).damage()).isNull();
  }

  @Test
  void n1_lookingNeedsNoLockAndChangesNothing() {
    try (Journal journal = Journal.open(disk, SMALL)) {
      await().until(() -> journal.bytes() == 3 * FILE_BYTES); // the spare is made
      SimulatedDisk before = disk.copy();
      assertThat(JournalInspection.of(disk).segments()).hasSize(2);
      assertThat(disk.isSameAs(before)).isTrue();
    }
  }

  @Test
  void aTornEndIsNoDamage() {
    disk.content(SECOND)[at(3) + 5] = 1;
    JournalInspection inspection = JournalInspection.of(disk);
    assertThat(inspection.segments()).last().extracting(Segment::state).isEqualTo(State.TORN);
    assertThat(inspection.damage()).isNull();
  }

  @Test
  void n2_aCutIsMadeOnlyAtTheDamage() {
    assertThatThrownBy(() -> JournalInspection.cut(disk, FIRST + ":" + at(2)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is not damaged; nothing was cut");
    disk.content(FIRST)[at(2) + 100] ^= 1;
    SimulatedDisk before = disk.copy();
    assertThatThrownBy(() -> JournalInspection.cut(disk, FIRST + ":" + at(3)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is damaged at " + FIRST + ":" + at(2) + " and not at");
    assertThat(disk.isSameAs(before)).isTrue();
  }

  @Test
  void aCutNeedsTheLock() {
    Journal journal = Journal.open(disk, SMALL);
    assertThatThrownBy(() -> JournalInspection.cut(disk, FIRST + ":" + at(2)))
        .isInstanceOf(ConfigurationException.class);
    journal.close();
  }

  @Test
  void n3_whatIsCutIsKept() {
    disk.content(FIRST)[at(2) + 100] ^= 1;
    byte[] damaged = disk.content(FIRST).clone();
    byte[] second = disk.content(SECOND).clone();
    Damage damage = JournalInspection.of(disk).damage();
    assertThat(damage.place()).isEqualTo(FIRST + ":" + at(2));
    assertThat(damage.lastSequence()).isEqualTo(1);
    assertThat(damage.recordsBehind()).isEqualTo(2);
    assertThat(JournalInspection.cut(disk, damage.place()))
        .containsExactly(FIRST + ".cut", SECOND + ".cut");
    assertThat(disk.content(FIRST + ".cut")).isEqualTo(damaged);
    assertThat(disk.content(SECOND + ".cut")).isEqualTo(second);
    try (Journal journal = Journal.open(disk, SMALL)) {
      assertThat(names(journal)).containsExactly("1=r1");
      append(journal, "new");
      assertThat(journal.lastSequence()).isEqualTo(2);
    }
  }

  @Test
  void aSegmentWithoutAHeaderIsCutAsAWhole() {
    disk.content(SECOND)[0] ^= 1;
    Damage damage = JournalInspection.of(disk).damage();
    assertThat(damage.place()).isEqualTo(SECOND + ":0");
    JournalInspection.cut(disk, damage.place());
    try (Journal journal = Journal.open(disk, SMALL)) {
      assertThat(names(journal)).containsExactly("1=r1", "2=r2", "3=r3");
      append(journal, "new");
      assertThat(journal.lastSequence()).isEqualTo(4);
    }
  }

  @Test
  void n4_powerMayFailDuringACut() {
    for (int seed = 0; seed < 300; seed++) {
      SimulatedDisk damaged = new SimulatedDisk(new Random(seed));
      disk.segments().forEach(name -> damaged.content(name, disk.content(name)));
      byte[] flipped = disk.content(FIRST).clone();
      flipped[at(2) + 100] ^= 1;
      damaged.content(FIRST, flipped);
      String place = JournalInspection.of(damaged).damage().place();
      damaged.cutPowerAfter(seed % 15);
      try {
        JournalInspection.cut(damaged, place);
      } catch (RuntimeException e) {
        assertThat(e).as("seed %d", seed).hasMessageContaining("the power is off");
      }
      SimulatedDisk after = damaged.afterPowerCut();
      Damage still = JournalInspection.of(after).damage();
      if (still != null) {
        assertThat(still.place()).as("seed %d", seed).isEqualTo(place);
        JournalInspection.cut(after, place);
      }
      try (Journal journal = Journal.open(after, SMALL)) {
        assertThat(names(journal)).as("seed %d", seed).containsExactly("1=r1");
      }
    }
  }
}
