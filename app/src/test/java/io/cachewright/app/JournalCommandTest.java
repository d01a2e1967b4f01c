// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.journal.Acknowledgement;
import io.cachewright.journal.Disk;
import io.cachewright.journal.FileDisk;
import io.cachewright.journal.Journal;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.SnapshotWriter;
import io.cachewright.journal.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cachewright journal inspect}. */
final class JournalCommandTest {
  private static final JournalOptions OPTIONS =
      new JournalOptions(JournalOptions.DEFAULTS.durability(), 64 << 10, 1_000, 64 << 10);
  private static final String SEGMENT = "0000000000000001.journal";

  private static final String SNAPSHOT = "0000000000000002.snapshot";

  @TempDir Path data;

  private Journal open() {
    return Journal.open(new FileDisk(data.resolve("journal")), OPTIONS);
  }

  private static void append(Journal journal, int records) {
    for (int i = 0; i < records; i++) {
      journal.reserve(8, Duration.ofSeconds(30));
      long sequence = journal.append(new byte[8], Acknowledgement.NONE);
      journal.whenDurable(sequence).join(); // a batch each, so that the one before is proven
    }
  }

  private void damage(String name, int offset) throws IOException {
    Path file = data.resolve("journal").resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[offset] ^= 1;
    Files.write(file, bytes);
  }

  private Run inspect(String... more) {
    String[] arguments = {"journal", "inspect", "--data", data.toString()};
    String[] all = new String[arguments.length + more.length];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Run.of(all);
  }

  @Test
  void aJournalInUseIsListedAndNotCut() {
    try (Journal journal = open()) {
      append(journal, 3);
      Run run = inspect();
      assertThat(run.err()).isEmpty();
      assertThat(run.exitCode()).isZero();
      assertThat(run.out())
          .containsPattern(SEGMENT + " +1 +3 +3 +160 +65536 +active")
          .contains("all is well");
      Run cut = inspect("--cut", SEGMENT + ":96");
      assertThat(cut.exitCode()).isEqualTo(2);
      assertThat(cut.err()).contains("is in use by this process");
    }
  }

  @Test
  void damageIsExplainedAndCutWhereItIs() throws IOException {
    try (Journal journal = open()) {
      append(journal, 3);
    }
    damage(SEGMENT, 96 + 26);
    Run run = inspect();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern(SEGMENT + " +1 +1 +1 +96 +65536 +damaged")
        .contains("damaged at " + SEGMENT + ":96: expected record 2")
        .contains("--data " + data + " --cut " + SEGMENT + ":96")
        .contains("That loses every write after number 1");
    Run wrong = inspect("--cut", SEGMENT + ":64");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("is damaged at " + SEGMENT + ":96 and not at");
    Run cut = inspect("--cut", SEGMENT + ":96");
    assertThat(cut.exitCode()).isZero();
    assertThat(cut.out()).contains("what was cut is in " + SEGMENT + ".cut", "all is well");
    try (Journal journal = open()) {
      assertThat(journal.lastSequence()).isEqualTo(1);
    }
  }

  @Test
  void snapshotsAreListedAndCheckedToo() throws IOException {
    try (Journal journal = open()) {
      append(journal, 3);
      Disk disk = new FileDisk(data.resolve("journal"));
      try (SnapshotWriter writer = Snapshots.open(disk, journal.log()).begin(2)) {
        writer.add(new byte[100], 0, 100);
        writer.finish(3);
      }
    }
    Run run = inspect();
    assertThat(run.out())
        .containsPattern(SNAPSHOT + " +2 +3 +1 +216 +whole")
        .contains("all is well");
    damage(SNAPSHOT, 100);
    Run again = inspect();
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.out())
        .containsPattern(SNAPSHOT + " +2 +3 +1 +216 +damaged")
        .contains(SNAPSHOT + " is damaged at offset 64", "backup")
        .doesNotContain("all is well", "--cut");
  }

  @Test
  void aSnapshotThatTheJournalDoesNotReachIsSaidBeforeACutAndAfterIt() throws IOException {
    try (Journal journal = open()) {
      append(journal, 4);
      Disk disk = new FileDisk(data.resolve("journal"));
      try (SnapshotWriter writer = Snapshots.open(disk, journal.log()).begin(2)) {
        writer.add(new byte[100], 0, 100);
        writer.finish(3);
      }
    }
    damage(SEGMENT, 100);
    Run damaged = inspect();
    assertThat(damaged.out())
        .contains("--cut " + SEGMENT + ":96", "loses every write after number 1")
        .contains("Then " + SNAPSHOT + " cannot be used", "to number 3", "move the snapshot away");
    Run cut = inspect("--cut", SEGMENT + ":96");
    assertThat(cut.exitCode()).isEqualTo(1);
    assertThat(cut.out())
        .doesNotContain("all is well")
        .contains(SNAPSHOT + " cannot be used", "to number 3", "ends with number 1");
  }

  @Test
  void aDirectoryWithoutAJournalIsSaid() {
    Run run = inspect();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("there is no journal in " + data, "--data");
    Run named = Run.with(Map.of("CACHEWRIGHT_DATA", data.toString()), "journal", "inspect");
    assertThat(named.err()).isEqualTo(run.err());
  }

  @Test
  void helpTeaches() {
    assertThat(Run.of("journal", "inspect", "--help").out())
        .contains("SEGMENT:OFFSET", "Examples:", "a server may be running");
    assertThat(Run.of("journal").err()).contains("which command? There is inspect");
  }
}
