// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static io.cachewright.journal.Records.SMALL;
import static io.cachewright.journal.Records.append;
import static io.cachewright.journal.Records.large;
import static io.cachewright.journal.Records.read;
import static io.cachewright.journal.Records.readAfter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachewright.ConfigurationException;
import io.cachewright.HandClock;
import io.cachewright.JournalException;
import io.cachewright.LimitException;
import io.cachewright.journal.Records.Answers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal in use: appending, replaying, rolling, trimming, closing, failing. */
final class JournalTest {
  @TempDir Path directory;

  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));

  private Journal openFiles() {
    return Journal.open(new FileDisk(directory.resolve("journal")), SMALL);
  }

  private Journal openDisk() {
    return Journal.open(disk, SMALL);
  }

  @Test
  void j2_whatWasAppendedIsReadAfterTheNextOpen() {
    try (Journal journal = openFiles()) {
      assertThat(journal.recovered()).isEqualTo(new Recovered(1, 1, 0, 0, ""));
      append(journal, "a", "", "c");
      assertThat(journal.durableSequence()).isEqualTo(3);
    }
    try (Journal journal = openFiles()) {
      assertThat(read(journal)).containsExactly("1=a", "2=", "3=c");
      assertThat(readAfter(journal, 2)).containsExactly("3=c");
      append(journal, "d");
      assertThatThrownBy(() -> read(journal)).isInstanceOf(IllegalStateException.class);
    }
    try (Journal journal = openFiles()) {
      assertThat(journal.recovered()).isEqualTo(new Recovered(1, 1, 4, 0, ""));
      assertThat(read(journal)).containsExactly("1=a", "2=", "3=c", "4=d");
    }
  }

  @Test
  void theLogKeepsItsId() {
    Journal first = openFiles();
    first.close();
    try (Journal second = openFiles()) {
      assertThat(second.log()).isEqualTo(first.log());
    }
  }

  @Test
  void acknowledgementsComeInOrder() {
    Answers answers = new Answers();
    try (Journal journal = openFiles()) {
      for (int i = 0; i < 1_000; i++) {
        append(journal, "text " + i, answers);
      }
    }
    assertThat(answers.all())
        .isEqualTo(IntStream.rangeClosed(1, 1_000).mapToObj(i -> "durable " + i).toList());
  }

  @Test
  void closeWritesWhatIsWaiting() {
    for (Durability durability : Durability.values()) {
      SimulatedDisk own = new SimulatedDisk(new Random(2));
      Answers answers = new Answers();
      Journal journal = Journal.open(own, SMALL.withDurability(durability));
      IntStream.range(0, 50).forEach(i -> append(journal, "text", answers));
      journal.close();
      journal.close();
      assertThat(answers.all()).hasSize(50).allMatch(answer -> answer.startsWith("durable"));
      try (Journal again = Journal.open(own.afterPowerCut(), SMALL)) {
        assertThat(again.lastSequence()).isEqualTo(50);
      }
      assertThatThrownBy(() -> append(journal, "late"))
          .isInstanceOf(JournalException.class)
          .hasMessageContaining("is closed");
    }
  }

  /** Memory that is short while a segment is made, say. */
  @Test
  void p7_anErrorWhileASegmentIsMadePassesAsAnExceptionDoes() {
    AtomicInteger errors = new AtomicInteger(2);
    disk.beforeForce(
        () -> {
          boolean makesSpare = Thread.currentThread().getName().equals("cachewright-journal-spare");
          if (makesSpare && errors.getAndDecrement() > 0) {
            throw new OutOfMemoryError("as if");
          }
        });
    try (Journal journal = openDisk()) {
      for (int i = 1; i <= 20; i++) {
        append(journal, large("r" + i, 20_000));
      }
      assertThat(journal.stats().segments()).isEqualTo(7);
    }
  }

  @Test
  void segmentsRollAndAreReadInOrder() {
    List<String> expected = new ArrayList<>();
    try (Journal journal = openFiles()) {
      for (int i = 1; i <= 20; i++) {
        append(journal, large("r" + i, 20_000));
        expected.add(i + "=" + large("r" + i, 20_000));
      }
      assertThat(journal.stats().segments()).isEqualTo(7);
    }
    try (Journal journal = openFiles()) {
      assertThat(journal.recovered().segments()).isEqualTo(7);
      assertThat(read(journal)).isEqualTo(expected);
      assertThat(readAfter(journal, 11)).isEqualTo(expected.subList(11, 20));
    }
  }

  @Test
  void trimDeletesOnlyWholeSegments() {
    try (Journal journal = openFiles()) {
      for (int i = 1; i <= 9; i++) {
        append(journal, large("r" + i, 20_000)); // three in a segment
      }
      journal.trim(5);
      assertThat(journal.stats().segments()).isEqualTo(2);
      journal.trim(100);
      assertThat(journal.stats().segments()).isEqualTo(1);
      assertThat(journal.bytes()).isBetween(64L << 10, 128L << 10);
    }
    try (Journal journal = openFiles()) {
      assertThat(journal.recovered().firstSequence()).isEqualTo(7);
      assertThat(read(journal)).hasSize(3).first().asString().startsWith("7=r7");
    }
  }

  @Test
  void aTrimDeletesWholeSegmentsAlone() {
    try (Journal journal = openDisk()) {
      IntStream.rangeClosed(1, 9).forEach(i -> append(journal, large("r", 20_000)));
      journal.trim(0);
      assertThat(journal.stats().segments()).isEqualTo(3);
      journal.trim(6);
      assertThat(journal.stats().segments()).isEqualTo(1);
    }
  }

  @Test
  void aReservationMayBeLargerThanThePayload() {
    try (Journal journal = openDisk()) {
      journal.reserve(1_000, Duration.ZERO);
      journal.append(new byte[] {'y', 'z'}, 1, 1_000, Acknowledgement.NONE);
      journal.reserve(500, Duration.ZERO);
      journal.release(500);
      journal.sync();
      await().until(() -> journal.stats().waitingBytes() == 0);
      assertThatThrownBy(() -> journal.append(new byte[1], Acknowledgement.NONE))
          .isInstanceOf(IllegalStateException.class);
    }
    try (Journal journal = openDisk()) {
      assertThat(read(journal)).containsExactly("1=y");
    }
  }

  // ---- bounds ----

  @Test
  void aChangeThatIsTooLargeIsRefused() {
    try (Journal journal = openDisk()) {
      assertThatThrownBy(() -> journal.tryReserve((32 << 10) + 1))
          .isInstanceOf(LimitException.class)
          .hasMessageContaining("32769 bytes is larger than recordBytesMax, 32768");
    }
  }

  @Test
  void p7_aFullBufferRefusesAndNamesItsBound() {
    JournalOptions options = new JournalOptions(Durability.FSYNC, 64 << 10, 1_000, 2_048);
    try (Journal journal = Journal.open(disk, options)) {
      assertThat(journal.tryReserve(1_000)).isTrue();
      assertThat(journal.tryReserve(1_000)).isTrue();
      assertThat(journal.tryReserve(1)).isFalse();
      assertThatThrownBy(() -> journal.reserve(1, Duration.ofMillis(1)))
          .isInstanceOf(LimitException.class)
          .hasMessageContaining("2048 bytes are waiting to be written, and waitingBytesMax is 2048")
          .hasMessageContaining("gave up after 1 ms");
      journal.append(new byte[1_000], Acknowledgement.NONE);
      journal.reserve(1_000, Duration.ofSeconds(30));
    }
  }

  @Test
  void p7_aFullDiskRefusesBeforeTheAppendAndGoesOnWhenThereIsRoom() {
    disk.capacity(200 << 10); // three segments
    try (Journal journal = openDisk()) {
      int fitting = 0;
      while (reserves(journal, 20_000)) {
        journal.append(new byte[20_000], Acknowledgement.NONE);
        fitting++;
      }
      assertThat(fitting).isEqualTo(9);
      journal.whenDurable(9).join();
      assertThatThrownBy(() -> journal.reserve(20_000, Duration.ZERO))
          .isInstanceOf(LimitException.class)
          .hasMessageContaining("no room for another segment of 65536 bytes in /simulated/journal")
          .hasMessageContaining("8192 bytes free")
          .hasMessageContaining("No space left on device");
      assertThat(journal.tryReserve(1_000)).as("the active segment has room for it").isTrue();
      journal.append(new byte[1_000], Acknowledgement.NONE);
      journal.trim(3);
      append(journal, large("after", 20_000));
      assertThat(journal.durableSequence()).isEqualTo(11);
    }
    try (Journal journal = openDisk()) {
      assertThat(journal.recovered().lastSequence()).isEqualTo(11);
    }
  }

  /** Waits as long as the next segment may still come. */
  private static boolean reserves(Journal journal, int bytes) {
    while (true) {
      try {
        journal.reserve(bytes, Duration.ofMillis(20));
        return true;
      } catch (LimitException e) {
        if (e.getMessage().contains("no room")) {
          return false;
        }
      }
    }
  }

  @Test
  void aFullDiskIsNamedWhenTheJournalIsMade() {
    disk.capacity(10_000);
    assertThatThrownBy(this::openDisk)
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("No space left on device");
    disk.capacity(1 << 20);
    openDisk().close();
  }

  // ---- a failing disk ----

  @Test
  void j4_aFailedFsyncClosesForGood() {
    failsForGood(() -> disk.failForce(1), "Input/output error");
  }

  @Test
  void j4_aFailedWriteClosesForGood() {
    failsForGood(() -> disk.failWrite(1), "bad sector");
  }

  private void failsForGood(Runnable fault, String message) {
    Answers answers = new Answers();
    try (Journal journal = openDisk()) {
      await().until(() -> journal.bytes() == 128 << 10); // the spare is made
      append(journal, "kept");
      fault.run();
      append(journal, "lost", answers);
      await().until(() -> answers.all().equals(List.of("failed 2")));
      assertThatThrownBy(() -> append(journal, "later"))
          .isInstanceOf(JournalException.class)
          .hasMessageContaining("closed for good after record 1")
          .hasMessageContaining(message);
      assertThat(journal.durableSequence()).isEqualTo(1);
      assertThatThrownBy(() -> journal.whenDurable(2).join())
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(JournalException.class);
      assertThatThrownBy(journal::sync).isInstanceOf(JournalException.class);
    }
    try (Journal journal = Journal.open(disk.afterPowerCut(), SMALL)) {
      assertThat(read(journal)).startsWith("1=kept");
    }
  }

  @Test
  void shortWritesAreCompleted() {
    disk.writeShort();
    try (Journal journal = openDisk()) {
      append(journal, large("a", 10_000), large("b", 10_000));
    }
    try (Journal journal = openDisk()) {
      assertThat(read(journal))
          .containsExactly("1=" + large("a", 10_000), "2=" + large("b", 10_000));
    }
  }

  // ---- durability ----

  @Test
  void osForcesOnlyWhenAsked() {
    try (Journal journal = Journal.open(disk, SMALL.withDurability(Durability.OS))) {
      append(journal, "a", "b");
      assertThat(journal.stats().fsyncs()).isZero();
      journal.sync();
      assertThat(journal.stats().fsyncs()).isEqualTo(1);
      try (Journal after = Journal.open(disk.afterPowerCut(), SMALL)) {
        assertThat(read(after)).containsExactly("1=a", "2=b");
      }
    }
  }

  @Test
  void intervalForcesEachSecond() {
    HandClock clock = new HandClock();
    JournalOptions options = SMALL.withDurability(Durability.INTERVAL);
    try (Journal journal = Journal.open(disk, options, clock::nanos)) {
      append(journal, "a");
      assertThat(journal.stats().fsyncs()).isZero();
      clock.pass(Duration.ofSeconds(1));
      append(journal, "b");
      await().until(() -> journal.stats().fsyncs() == 1);
    }
  }

  @Test
  void p1_whatIsShownAfterARestartSurvivesAPowerCut() {
    Journal killed = Journal.open(disk, SMALL.withDurability(Durability.OS));
    append(killed, "only in the page cache");
    disk.unlock();
    assertThatWhatIsShownSurvives("1=only in the page cache");
    killed.close();
  }

  @Test
  void p1_whatIsShownAfterAFailedFsyncAndARestartSurvivesAPowerCut() {
    Answers answers = new Answers();
    Journal failed = openDisk();
    await().until(() -> failed.bytes() == 128 << 10); // the spare is made
    disk.failForce(1);
    append(failed, "in the page cache, and clean", answers);
    await().until(() -> answers.all().equals(List.of("failed 1")));
    failed.close();
    assertThatWhatIsShownSurvives("1=in the page cache, and clean");
  }

  private void assertThatWhatIsShownSurvives(String record) {
    try (Journal journal = Journal.open(disk, SMALL)) {
      assertThat(read(journal)).containsExactly(record);
      try (Journal after = Journal.open(disk.afterPowerCut(), SMALL)) {
        assertThat(read(after)).containsExactly(record);
      }
    }
  }

  // ---- the directory ----

  @Test
  void aDirectoryIsForOneJournal() {
    try (Journal journal = openFiles()) {
      assertThatThrownBy(this::openFiles)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(directory.resolve("journal") + " is in use by this process");
      append(journal, "a");
    }
    openFiles().close();
  }

  @Test
  void aDirectoryOfAnotherProcessIsRefused() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path lock = directory.resolve("journal");
    Process child =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                lock.toString())
            .redirectErrorStream(true)
            .start();
    try (var output = child.inputReader()) {
      assertThat(output.lines().anyMatch(LockHolder.READY::equals)).isTrue();
      assertThatThrownBy(this::openFiles)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining(lock + " is in use by process " + child.pid() + " on ")
          .hasMessageContaining("stop it");
    } finally {
      child.destroyForcibly().waitFor();
    }
    try (Journal journal = openFiles()) {
      assertThat(read(journal)).containsExactly("1=of the child");
    }
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsRefused() throws Exception {
    Files.writeString(directory.resolve("journal"), "");
    assertThatThrownBy(this::openFiles)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is not a directory");
  }

  @Test
  void aDirectoryThatCannotBeMadeIsRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> Journal.open(new FileDisk(file.resolve("journal")), SMALL))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("cannot be made by user")
        .hasMessageContaining("name another directory");
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> new JournalOptions(Durability.OS, 1_000, 10, 1_000))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("segmentBytes must be 64 KiB to 1 GiB");
    assertThatThrownBy(() -> new JournalOptions(Durability.OS, 64 << 10, 64 << 10, 1 << 20))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("recordBytesMax must be 1 to 65448");
    assertThatThrownBy(() -> new JournalOptions(Durability.OS, 64 << 10, 1_000, 1_000))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("waitingBytesMax must be at least the 1024 bytes");
  }
}
