// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.cachewright.JournalException;
import io.cachewright.LimitException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * The power fails at any operation of the disk: while records are appended and written by two
 * threads, while segments roll, while recovery runs. The threads are real, so that a seed repeats
 * the choices but not the interleaving.
 */
final class JournalPowerCutTest {
  private static final int SEEDS = Integer.getInteger("cachewright.power-cuts", 1_000);
  private static final int LIVES = 4;
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();

  private static final Logger LOG =
      (Logger) LoggerFactory.getLogger(JournalPowerCutTest.class.getPackageName());

  @BeforeAll
  static void quiet() {
    LOG.setLevel(Level.OFF); // it tells of each power cut
  }

  @AfterAll
  static void stop() {
    LOG.setLevel(null);
    THREADS.shutdown();
  }

  @Test
  void p1_whatWasAcknowledgedUnderFsyncSurvivesPowerCuts() throws Exception {
    long from = Long.getLong("cachewright.seed", 1);
    for (long seed = from; seed < from + SEEDS; seed++) {
      run(seed, Durability.FSYNC);
    }
  }

  @Test
  void whatIsLeftWithoutFsyncsIsAPrefixAndHasAllThatWasSynced() throws Exception {
    for (long seed = 1; seed <= SEEDS / 5; seed++) {
      run(seed, Durability.OS);
      run(seed, Durability.INTERVAL);
    }
  }

  private static void run(long seed, Durability durability) throws Exception {
    try {
      new History(seed, durability).live();
    } catch (AssertionError | Exception e) {
      throw new AssertionError("seed " + seed + ", " + durability, e);
    }
  }

  /** One directory, and what was done to it. */
  private static final class History {
    private final Random random;
    private final JournalOptions options;

    /** All that was appended; the payload of sequence n is at n - 1. */
    private final List<byte[]> appended = new ArrayList<>();

    /** All up to here must be there. */
    private final AtomicLong safe = new AtomicLong();

    /** The last one that was acknowledged in this life. */
    private final AtomicLong acknowledged = new AtomicLong();

    private SimulatedDisk disk;

    History(long seed, Durability durability) {
      this.random = new Random(seed);
      this.options = new JournalOptions(durability, 64 << 10, 8 << 10, 64 << 10);
      this.disk = new SimulatedDisk(new Random(~seed));
    }

    void live() throws Exception {
      for (int life = 0; life < LIVES; life++) {
        disk.cutPowerAfter(random.nextInt(random.nextBoolean() ? 12 : 250));
        Journal journal;
        try {
          journal = Journal.open(disk, options, () -> System.nanoTime() * 5_000);
        } catch (JournalException e) {
          assertThat(disk.isOff()).as(e.getMessage()).isTrue();
          disk = disk.afterPowerCut();
          continue;
        }
        try (journal) {
          checkAllIsThere(journal);
          write(journal);
          disk.cutPower();
        }
        disk = disk.afterPowerCut();
      }
      try (Journal journal = Journal.open(disk, options)) {
        checkAllIsThere(journal);
      }
    }

    private void checkAllIsThere(Journal journal) {
      long last = journal.recovered().lastSequence();
      assertThat(last).isGreaterThanOrEqualTo(safe.get()).isLessThanOrEqualTo(appended.size());
      long[] next = {journal.recovered().firstSequence()};
      journal.replay(
          0,
          (sequence, payload) -> {
            assertThat(sequence).isEqualTo(next[0]++);
            byte[] bytes = new byte[payload.remaining()];
            payload.get(bytes);
            assertThat(bytes).isEqualTo(appended.get((int) sequence - 1));
          });
      assertThat(next[0]).isEqualTo(last + 1);
      appended.subList((int) last, appended.size()).clear();
      acknowledged.set(last);
      safe.set(last); // it was shown to someone: the next power cut must not take it back
    }

    private void write(Journal journal) throws Exception {
      int count = random.nextInt(120);
      List<Future<?>> writers =
          List.of(
              THREADS.submit(() -> append(journal, count, new Random(random.nextLong()))),
              THREADS.submit(() -> append(journal, count, new Random(random.nextLong()))));
      for (Future<?> writer : writers) {
        writer.get();
      }
    }

    private void append(Journal journal, int count, Random own) {
      try {
        for (int i = 0; i < count && !disk.isOff(); i++) {
          byte[] payload = new byte[size(own)];
          if (own.nextInt(4) > 0) {
            own.nextBytes(payload); // else zeros: a lost sector and a kept one look the same
          }
          if (!reserve(journal, payload.length)) {
            return;
          }
          boolean held = own.nextBoolean();
          synchronized (appended) {
            int bytes = payload.length;
            long sequence =
                held
                    ? journal.appendHeld(payload, bytes, bytes, new Safe())
                    : journal.append(payload, new Safe());
            assertThat(sequence).isEqualTo(appended.size() + 1);
            appended.add(payload);
          }
          if (held && own.nextInt(3) > 0) {
            journal.write();
          }
          if (own.nextInt(20) == 0) {
            journal.trim(safe.get());
          }
          if (own.nextInt(30) == 0) {
            long before = journal.lastSequence();
            journal.sync();
            safe.accumulateAndGet(before, Math::max);
          }
        }
      } catch (JournalException e) {
        assertThat(disk.isOff()).as(e.getMessage()).isTrue();
      }
    }

    /** Mostly the same, so that a stale record often stands where a new one ends. */
    private static int size(Random own) {
      return switch (own.nextInt(16)) {
        case 0 -> own.nextInt(8_000);
        case 1, 2, 3 -> own.nextInt(300);
        default -> 232;
      };
    }

    private boolean reserve(Journal journal, int bytes) {
      while (!disk.isOff()) {
        try {
          journal.reserve(bytes, Duration.ofMillis(5));
          return true;
        } catch (LimitException e) {
          assertThat(e).hasMessageContaining("journal: ");
          journal.write(); // what is held has the room
        }
      }
      return false;
    }

    private final class Safe implements Acknowledgement {
      @Override
      public void durable(long sequence) {
        assertThat(sequence).isEqualTo(acknowledged.incrementAndGet());
        if (options.durability() == Durability.FSYNC) {
          safe.accumulateAndGet(sequence, Math::max);
        }
      }

      @Override
      public void failed(long sequence, JournalException cause) {}
    }
  }
}
