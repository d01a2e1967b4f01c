// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cachewright.CacheException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MemoryDatabase;
import io.cachewright.ParkedChange;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The power fails at any operation of the disks, again and again, while writers, readers and the
 * flusher work; the database refuses some rows, loses connections, and lives on. The threads are
 * real, so that a seed repeats the choices but not the interleaving.
 */
@ExtendWith(PowerCutHistory.Quiet.class)
class WriteBehindPowerCutTest {
  private static final int SEEDS = Integer.getInteger("cachewright.power-cuts", 300);
  private static final int LIVES = 5;

  /** Two accounts, whose sum is 0 in every state that there ever was. */
  private static final int ACCOUNT = 100;

  @Test
  void p1_p2_p3_p6_what_was_acknowledged_or_seen_survives_and_reaches_the_database_once()
      throws Exception {
    PowerCutHistory.everySeed(SEEDS, seed -> new History(seed).live(LIVES));
  }

  private static final class History extends PowerCutHistory<String> {
    private final MemoryDatabase database = new MemoryDatabase();
    private final MemoryDatabase.Table<String> table = database.table();
    private final NumberedWrites writes = new NumberedWrites(index -> "");
    private int transfers;

    History(long seed) {
      super(seed);
      database.refuses = value -> value instanceof String text && text.endsWith("9");
    }

    @Override
    Space<Integer, String> open(Engine engine) {
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

    @Override
    void work(Engine engine, Space<Integer, String> notes) throws Exception {
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
      finish(all);
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

    @Override
    void check(Space<Integer, String> notes) {
      check(notes, /* all= */ false);
    }

    private void check(Space<Integer, String> notes, boolean all) {
      for (int key = 0; key < NumberedWrites.KEYS; key++) {
        String seen = writes.see(notes, key);
        if (all) {
          assertEquals(seen, table.select(key), "key " + key);
        }
      }
    }

    @Override
    void lastLife() {
      database.nextUnknown = null;
    }

    @Override
    void end(Engine engine, Space<Integer, String> notes) {
      check(notes, /* all= */ false);
      notes.flush().join();
      assertSumIsZero();
      database.refuses = value -> false;
      ParkedChanges parkedChanges = Objects.requireNonNull(engine.log()).parked();
      for (ParkedChange each : parkedChanges.list()) {
        assertNull(parkedChanges.retry(each.id()).join());
      }
      check(notes, /* all= */ true);
    }
  }
}
