// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static io.cachewright.journal.Records.SMALL;
import static io.cachewright.journal.Records.read;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.HandClock;
import io.cachewright.JournalException;
import io.cachewright.journal.Records.Answers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records whose appenders say when they are to be written, and write them themselves. */
@Timeout(60)
final class HeldAppendsTest {
  private static final int THREADS = 3;
  private static final int ROUNDS = 1_000;

  @TempDir Path directory;

  private static long hold(Journal journal, String text, Acknowledgement acknowledgement) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    journal.reserve(payload.length, Duration.ofSeconds(20));
    return journal.appendHeld(payload, payload.length, payload.length, acknowledgement);
  }

  @Test
  void nothingIsWrittenBeforeItsAppenderSaysSo() {
    Answers answers = new Answers();
    try (Journal journal = openIdle(new SimulatedDisk(new Random(1)))) {
      hold(journal, "a", answers);
      hold(journal, "b", answers);
      assertThat(journal.durableSequence()).isZero();
      journal.write();
      assertThat(answers.all()).containsExactly("durable 1", "durable 2");
      assertThat(journal.stats().batches()).isEqualTo(1);
      assertThat(journal.stats().fsyncs()).isZero();
    }
  }

  @Test
  void w6_underIntervalTheWriterForcesWhatAppendersHaveWritten() throws Exception {
    SimulatedDisk disk = new SimulatedDisk(new Random(1));
    JournalOptions options = SMALL.withDurability(Durability.INTERVAL);
    // A second of this clock is a millisecond.
    try (Journal journal = Journal.open(disk, options, () -> System.nanoTime() * 1_000)) {
      for (int i = 1; i <= 500; i++) {
        long sequence = hold(journal, "text " + i, Acknowledgement.NONE);
        journal.write();
        journal.whenDurable(sequence).get(20, SECONDS);
      }
      while (journal.stats().fsyncs() == 0) {
        Thread.onSpinWait();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
      }
    }
  }

  @Test
  void w6_nobodyIsAnsweredWhileAnFsyncIsMoreThanASecondLate() throws Exception {
    SimulatedDisk disk = new SimulatedDisk(new Random(1));
    HandClock clock = new HandClock();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ends = new CountDownLatch(1);
    JournalOptions options = SMALL.withDurability(Durability.INTERVAL);
    try (Journal journal = Journal.open(disk, options, clock::nanos)) {
      long first = hold(journal, "a", Acknowledgement.NONE);
      journal.write();
      journal.whenDurable(first).get(20, SECONDS);
      disk.beforeForce(
          () -> {
            begun.countDown();
            awaitIt(ends);
          });
      CompletableFuture<Void> synced = journal.whenSynced();
      assertThat(begun.await(20, SECONDS)).isTrue();
      long second = hold(journal, "b", Acknowledgement.NONE);
      journal.write();
      assertThat(journal.durableSequence()).as("an fsync is running").isEqualTo(second);
      clock.pass(Duration.ofSeconds(3));
      long third = hold(journal, "c", Acknowledgement.NONE);
      journal.write();
      assertThat(journal.durableSequence()).as("it should have been over").isEqualTo(second);
      ends.countDown();
      journal.whenDurable(third).get(20, SECONDS);
      synced.get(20, SECONDS);
    }
  }

  @Test
  void p1_everyoneWhoWritesIsAnsweredWhoeverElseDoes() throws Exception {
    for (Durability durability : Durability.values()) {
      List<String> appended = new ArrayList<>();
      FileDisk disk = new FileDisk(directory.resolve(durability.name()));
      ExecutorService threads = Executors.newFixedThreadPool(THREADS);
      try (Journal journal = Journal.open(disk, SMALL.withDurability(durability))) {
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          int name = i;
          writers.add(threads.submit(() -> write(journal, name, appended)));
        }
        for (Future<?> writer : writers) {
          writer.get();
        }
      } finally {
        threads.shutdown();
      }
      try (Journal journal = Journal.open(disk, SMALL)) {
        assertThat(read(journal))
            .isEqualTo(
                IntStream.range(0, THREADS * ROUNDS)
                    .mapToObj(i -> (i + 1) + "=" + appended.get(i))
                    .toList());
      }
    }
  }

  /** Mostly small ones, and some that soon fill a segment. */
  private static Void write(Journal journal, int name, List<String> appended) throws Exception {
    Random random = new Random(name);
    for (int i = 0; i < ROUNDS; i++) {
      String text =
          Records.large(name + " " + i, random.nextInt(50) == 0 ? 6_000 : 10 + random.nextInt(40));
      CompletableFuture<Void> acknowledged = new CompletableFuture<>();
      synchronized (appended) {
        appended.add(text);
        hold(journal, text, acknowledges(acknowledged));
      }
      journal.write();
      acknowledged.get(20, SECONDS);
    }
    return null;
  }

  private static Acknowledgement acknowledges(CompletableFuture<Void> future) {
    return new Acknowledgement() {
      @Override
      public void durable(long sequence) {
        future.complete(null);
      }

      @Override
      public void failed(long sequence, JournalException cause) {
        future.completeExceptionally(cause);
      }
    };
  }

  @Test
  void anAcknowledgementMayWriteToo() {
    Answers answers = new Answers();
    try (Journal journal = openIdle(new SimulatedDisk(new Random(1)))) {
      hold(
          journal,
          "first",
          new Acknowledgement() {
            @Override
            public void durable(long sequence) {
              hold(journal, "second", answers);
              journal.write();
              answers.durable(sequence);
            }

            @Override
            public void failed(long sequence, JournalException cause) {}
          });
      journal.write();
      assertThat(answers.all()).containsExactly("durable 1", "durable 2");
    }
  }

  @Test
  void j4_afterAFailedWriteOfAnAppenderTheJournalIsClosed() {
    SimulatedDisk disk = new SimulatedDisk(new Random(1));
    Answers answers = new Answers();
    try (Journal journal = openIdle(disk)) {
      hold(journal, "a", answers);
      journal.write();
      hold(journal, "b", answers);
      disk.cutPower();
      journal.write();
      assertThat(answers.all()).containsExactly("durable 1", "failed 2");
      assertThat(journal.durableSequence()).isEqualTo(1);
      assertThatThrownBy(() -> hold(journal, "c", answers)).isInstanceOf(JournalException.class);
      journal.write();
    }
  }

  private static void awaitIt(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The writer's thread waits: while it still is on its way there it takes what is held, too. */
  private static Journal openIdle(SimulatedDisk disk) {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Journal journal = Journal.open(disk, SMALL.withDurability(Durability.OS));
    Awaitility.await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("cachewright-journal"))
                    .filter(thread -> !before.contains(thread))
                    .anyMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));
    return journal;
  }
}
