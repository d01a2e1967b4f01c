// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.cachewright.CacheException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MemoryDatabase;
import io.cachewright.ParkedChange;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.journal.Durability;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.SimulatedDisk;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * The power fails at any operation of the disks, again and again, while writers, readers and the
 * flusher work; the database refuses some rows, loses connections, and lives on. The threads are
 * real, so that a seed repeats the choices but not the interleaving.
 */
class WriteBehindPowerCutTest {
  private static final int SEEDS = Integer.getInteger("cachewright.power-cuts", 300);
  private static final int LIVES = 5;

  /** Two accounts, whose sum is 0 in every state that there ever was. */
  private static final int ACCOUNT = 100;

  private static final ExecutorService THREADS = Executors.newCachedThreadPool();
  private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.cachewright");

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
  void p1_p2_p3_p6_what_was_acknowledged_or_seen_survives_and_reaches_the_database_once()
      throws Exception {
    long from = Long.getLong("cachewright.seed", 1);
    for (long seed = from; seed < from + SEEDS; seed++) {
      try {
        new History(seed).live();
      } catch (AssertionError | Exception e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static final class History {
    private final Random random;
    private final MemoryDatabase database = new MemoryDatabase();
    private final MemoryDatabase.Table<String> table = database.table();
    private final NumberedWrites writes = new NumberedWrites(index -> "");
    private int transfers;
    private SimulatedDisk journal;
    private SimulatedDisk parked;

    History(long seed) {
      this.random = new Random(seed);
      this.journal = new SimulatedDisk(new Random(~seed));
      this.parked = new SimulatedDisk(new Random(seed * 31));
      database.refuses = value -> value instanceof String text && text.endsWith("9");
    }

    void live() throws Exception {
      for (int life = 0; life < LIVES; life++) {
        int operations = random.nextInt(random.nextBoolean() ? 30 : 300);
        journal.cutPowerAfter(operations);
        parked.cutPowerAfter(operations);
        Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
        try {
          Space<Integer, String> notes = open(engine);
          check(notes, /* all= */ false);
          work(engine, notes);
        } catch (CacheException | CompletionException e) {
          assertTrue(journal.isOff() || parked.isOff(), () -> "with power on: " + e);
        } finally {
          journal.cutPower();
          parked.cutPower();
          engine.close();
        }
        journal = journal.afterPowerCut();
        parked = parked.afterPowerCut();
      }
      end();
    }

    private Space<Integer, String> open(Engine engine) {
      engine.openLog(
          new Log.Place(
              journal, parked, new JournalOptions(Durability.FSYNC, 64 << 10, 8 << 10, 64 << 10)),
          Duration.ZERO);
      return engine.open(
          new SpaceSpec<>(
              "notes",
              Pattern.WRITE_BEHIND,
              KeyspaceOptions.DEFAULT.toBuilder()
                  .waitMax(Duration.ofSeconds(20))
                  .writeBehind(
                      new WriteBehindOptions(
                          Duration.ofNanos(1 + random.nextInt(300_000)),
                          1 + random.nextInt(40),
                          1 << 20,
                          /* coalesce= */ random.nextBoolean()))
                  .build(),
              Objects.requireNonNull(Codec.of(Integer.class)),
              ValueType.opaque(),
              table,
              /* reclaims= */ false));
    }

    // ---- what happens ----

    private void work(Engine engine, Space<Integer, String> notes) throws Exception {
      List<Future<?>> all = new ArrayList<>();
      for (int writer = 0; writer < NumberedWrites.WRITERS; writer++) {
        int first = writer;
        long seed = random.nextLong();
        all.add(THREADS.submit(() -> writes.write(notes, first, new Random(seed))));
      }
      long seed = random.nextLong();
      all.add(THREADS.submit(() -> writes.read(notes, 100, /* evicts= */ true, new Random(seed))));
      all.add(THREADS.submit(() -> transfer(engine, notes)));
      for (int i = 0; i < 5; i++) {
        database.nextUnknown = random.nextBoolean() ? random.nextBoolean() : null;
        assertSumIsZero();
      }
      for (Future<?> each : all) {
        try {
          each.get();
        } catch (ExecutionException e) {
          throw new AssertionError(e.getCause());
        }
      }
    }

    private void transfer(Engine engine, Space<Integer, String> notes) {
      for (int i = 0; i < 50; i++) {
        transfers++;
        List<Write<Integer, String>> both =
            List.of(
                new Write<>(notes, new Change.Put<>(ACCOUNT, transfers + "0")),
                new Write<>(notes, new Change.Put<>(ACCOUNT + 1, "-" + transfers + "0")));
        try {
          if (engine.commit(both, List.of(), /* mayRun= */ true).isCompletedExceptionally()) {
            return;
          }
        } catch (CacheException e) {
          return;
        }
      }
    }

    /** P2. */
    private void assertSumIsZero() {
      synchronized (database) {
        assertEquals(0, account(ACCOUNT) + account(ACCOUNT + 1));
      }
    }

    private int account(int key) {
      String value = table.select(key);
      return value == null ? 0 : Integer.parseInt(value);
    }

    // ---- what must be there ----

    private void check(Space<Integer, String> notes, boolean all) {
      for (int key = 0; key < NumberedWrites.KEYS; key++) {
        String seen = writes.see(notes, key);
        if (all) {
          assertEquals(seen, table.select(key), "key " + key);
        }
      }
    }

    private void end() {
      Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
      try {
        database.nextUnknown = null;
        Space<Integer, String> notes = open(engine);
        check(notes, /* all= */ false);
        notes.flush().join();
        assertSumIsZero();
        database.refuses = value -> false;
        ParkedChanges parkedChanges = Objects.requireNonNull(engine.log()).parked();
        for (ParkedChange each : parkedChanges.list()) {
          assertNull(parkedChanges.retry(each.id()).join());
        }
        check(notes, /* all= */ true);
      } finally {
        engine.close();
      }
    }
  }
}
