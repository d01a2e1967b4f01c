// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.CacheException;
import io.cachewright.Columns;
import io.cachewright.Increment;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MemoryDatabase;
import io.cachewright.ParkedChange;
import io.cachewright.Pattern;
import io.cachewright.Row;
import io.cachewright.WriteBehindOptions;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The power fails at any operation of the disks while writers add to rows, have the database refuse
 * them, and mend, retry and discard what is parked; another program adds to the same rows. As in
 * {@link WriteBehindPowerCutTest}, a seed repeats the choices but not the interleaving.
 *
 * <p>Each row has one writer. The other program counts what it adds; the rest of a row is what its
 * writer added: at least what was acknowledged, at most what was begun. Each life begins by reading
 * it, so that these are the same again and one too many or too few is noticed. Rows are loaded at
 * any time, also between a commit and its answer.
 */
@ExtendWith(PowerCutHistory.Quiet.class)
class IncrementPowerCutTest {
  private static final int SEEDS = Integer.getInteger("cachewright.power-cuts", 100);
  private static final int LIVES = 5;
  private static final int WRITERS = 3;
  private static final int STEPS = 120;

  private static final Columns COLUMNS = Columns.of("n", "outside", "label");
  private static final Row NONE = Row.empty(COLUMNS);
  private static final Row ONE_MORE = NONE.with("n", Increment.of(1));

  /** The database in memory has no defaults: a row that comes into being must have a number. */
  private static final Row BAD = NONE.with("n", Increment.of(0)).with("label", "bad");

  private static final Row GOOD = NONE.with("n", Increment.of(0)).with("label", "good");

  @Test
  void p1_p6_p9_what_was_added_is_in_the_database_once_or_parked() throws Exception {
    AtomicInteger decided = new AtomicInteger();
    PowerCutHistory.everySeed(
        SEEDS,
        seed -> {
          History history = new History(seed);
          history.live(LIVES);
          decided.addAndGet(history.decided.get());
        });
    assertTrue(decided.get() > 0, "nothing that was parked was mended or discarded");
  }

  private static final class History extends PowerCutHistory<Row> {
    private final MemoryDatabase database = new MemoryDatabase();
    private final MemoryDatabase.Table<Row> table = database.table(ValueType.rows(COLUMNS));
    private final AtomicIntegerArray least = new AtomicIntegerArray(WRITERS);
    private final AtomicIntegerArray most = new AtomicIntegerArray(WRITERS);
    private final AtomicInteger decided = new AtomicInteger();

    History(long seed) {
      super(seed);
      database.refuses = value -> value instanceof Row row && "bad".equals(row.get("label"));
    }

    @Override
    Space<Integer, Row> open(Engine engine) {
      return engine.open(
          new SpaceSpec<>(
              "counters",
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
              ValueType.rows(COLUMNS),
              table,
              /* reclaims= */ false));
    }

    // ---- what happens ----

    @Override
    void work(Engine engine, Space<Integer, Row> counters) throws Exception {
      List<Future<?>> all = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int key = writer;
        long seed = random.nextLong();
        all.add(
            THREADS.submit(
                () -> {
                  write(engine, counters, key, new Random(seed));
                  return null;
                }));
      }
      for (int i = 0; i < 5; i++) {
        database.nextUnknown = random.nextBoolean() ? random.nextBoolean() : null;
        addBeside(random.nextInt(WRITERS));
      }
      finish(all);
    }

    private void addBeside(int key) {
      synchronized (database) {
        Row row = table.select(key);
        if (row != null) {
          long outside = number(row, "outside");
          table.insert(key, row.with("n", number(row, "n") + 1).with("outside", outside + 1));
        }
      }
    }

    /** Until that fails. */
    private void write(Engine engine, Space<Integer, Row> counters, int key, Random choices)
        throws Exception {
      ParkedChanges aside = Objects.requireNonNull(engine.log()).parked();
      List<CompletableFuture<?>> inFlight = new ArrayList<>();
      try {
        for (int i = 0; i < STEPS; i++) {
          switch (choices.nextInt(24)) {
            case 0 -> join(commit(engine, List.of(put(counters, key, BAD))));
            case 1, 2 -> {
              inFlight.forEach(this::join);
              inFlight.clear();
              decide(counters, aside, key, choices);
            }
            case 3, 4 -> {
              inFlight.forEach(this::join);
              inFlight.clear();
              counters.evict(key);
              see(counters, key);
            }
            default -> inFlight.add(add(engine, counters, key, 1 + choices.nextInt(2)));
          }
        }
      } catch (CacheException | CompletionException e) {
        assertTrue(isOff(), () -> "with power on: " + e);
      }
    }

    private static Write<Integer, Row> put(Space<Integer, Row> counters, int key, Row row) {
      return new Write<>(counters, new Change.Put<>(key, row));
    }

    private static CompletableFuture<?> commit(Engine engine, List<Write<Integer, Row>> writes) {
      return engine.commit(writes, List.of(), /* mayRun= */ true);
    }

    private CompletableFuture<?> add(
        Engine engine, Space<Integer, Row> counters, int key, int times) {
      most.addAndGet(key, times);
      List<Write<Integer, Row>> writes = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        writes.add(put(counters, key, ONE_MORE));
      }
      return commit(engine, writes).thenRun(() -> least.addAndGet(key, times));
    }

    /** With the power off, what has to be parked is tried again for ever. */
    private <T> T join(CompletableFuture<T> future) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (true) {
        try {
          return future.get(2, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (isOff() || System.nanoTime() > end) {
            throw new CompletionException(e);
          }
        } catch (ExecutionException e) {
          throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }

    /** Has what waits of the key parked, too, if something is; then mends or discards it. */
    private void decide(
        Space<Integer, Row> counters, ParkedChanges aside, int key, Random choices) {
      join(counters.flush());
      counters.evict(key);
      see(counters, key);
      ParkedChange own = find(aside, key);
      if (own == null) {
        return;
      }
      int added = added(own);
      switch (choices.nextInt(4)) {
        case 0 -> {
          least.addAndGet(key, -added);
          aside.discard(own.id());
          most.addAndGet(key, -added);
        }
        case 1 -> { // the power may have been cut right after it was mended
          boolean isBad = "bad".equals(((Row) own.value()).get("label"));
          assertEquals(isBad, join(aside.retry(own.id())) != null, () -> "tried: " + own);
        }
        default -> assertNull(join(aside.retry(own.id(), GOOD)), "refused when mended");
      }
      decided.incrementAndGet();
    }

    private static ParkedChange find(ParkedChanges aside, int key) {
      return aside.list().stream().filter(each -> each.key().equals(key)).findFirst().orElse(null);
    }

    private static int added(ParkedChange change) {
      return ((Row) change.value()).get("n") instanceof Increment more ? more.by().intValue() : 0;
    }

    private static long number(Row row, String column) {
      return row == null || row.get(column) == null ? 0 : (Long) row.get(column);
    }

    private static int ours(Row row) {
      return (int) (number(row, "n") - number(row, "outside"));
    }

    // ---- what must be there ----

    private int see(Space<Integer, Row> counters, int key) {
      int atLeast = least.get(key);
      int seen = ours(join(counters.entry(key, /* mayRun= */ true)).value());
      int atMost = most.get(key);
      assertTrue(
          seen >= atLeast && seen <= atMost,
          () -> "row " + key + " shows " + seen + ", not " + atLeast + " to " + atMost);
      return seen;
    }

    @Override
    void check(Space<Integer, Row> counters) {
      join(counters.flush());
      for (int key = 0; key < WRITERS; key++) {
        int seen = see(counters, key);
        least.set(key, seen);
        most.set(key, seen);
      }
    }

    @Override
    void lastLife() {
      database.nextUnknown = null;
    }

    @Override
    void end(Engine engine, Space<Integer, Row> counters) {
      check(counters);
      join(counters.flush());
      ParkedChanges aside = Objects.requireNonNull(engine.log()).parked();
      for (int key = 0; key < WRITERS; key++) {
        ParkedChange own = find(aside, key);
        int waits = own == null ? 0 : added(own);
        assertEquals(least.get(key), ours(table.select(key)) + waits, "row " + key);
        if (own != null) {
          assertNull(join(aside.retry(own.id(), GOOD)));
        }
        assertEquals(least.get(key), ours(table.select(key)), "row " + key + ", mended");
      }
    }
  }
}
