// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cachewright.CacheException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MirrorOptions;
import io.cachewright.ParkedChange;
import io.cachewright.Pattern;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The power fails at any operation of the disk, again and again, while a record keyspace is written
 * to, its mirror follows, loses its connection and falls behind, and snapshots are taken.
 */
@ExtendWith(PowerCutHistory.Quiet.class)
class MirrorPowerCutTest {
  private static final int SEEDS = Integer.getInteger("cachewright.power-cuts", 300);
  private static final int LIVES = 6;

  /** Two keys whose sum is always 0. */
  private static final int ACCOUNT = 100;

  @Test
  void p1_p2_p6_p7_the_table_is_a_past_state_always_and_the_last_one_in_the_end() throws Exception {
    PowerCutHistory.everySeed(SEEDS, seed -> new History(seed).live(LIVES));
  }

  private static final class History extends PowerCutHistory<String> {
    private final MemoryMirror<Integer, String> table = new MemoryMirror<>();

    private final PastStates states = new PastStates();

    /** Long ones now and then, so that segments fill and are trimmed. */
    private final NumberedWrites writes =
        new NumberedWrites(index -> "x".repeat(index % 5 == 0 ? 3_000 : 0), states::made);

    /** What the table had that was no past state. */
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    private int transfers;
    private boolean isLast;

    History(long seed) {
      super(seed);
      table.refuses = History::isRefused;
      table.committed = this::look;
    }

    private static boolean isRefused(String value) {
      return value.endsWith("9");
    }

    @Override
    Space<Integer, String> open(Engine engine) {
      states.recovered(Objects.requireNonNull(engine.log()).journal().recovered().lastSequence());
      table.away = !isLast && random.nextInt(4) == 0;
      MirrorOptions options =
          MirrorOptions.every(Duration.ofNanos(1 + random.nextInt(300_000)))
              .withMaxPending(random.nextInt(3) == 0 ? 2_000 : 1 << 20);
      return engine.open(
          new SpaceSpec<>(
                  "notes",
                  Pattern.RECORD,
                  KeyspaceOptions.DEFAULT.toBuilder().waitMax(Duration.ofSeconds(20)).build(),
                  Objects.requireNonNull(Codec.of(Integer.class)),
                  ValueType.<String>opaque(),
                  null,
                  /* reclaims= */ false)
              .withMirror(new MirrorSpec<>(table, options)));
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
      all.add(THREADS.submit(() -> transfer(engine, notes)));
      all.add(THREADS.submit(() -> snapshots(Objects.requireNonNull(engine.log()), 5)));
      for (int i = 0; i < 20; i++) {
        table.nextUnknown = random.nextBoolean() ? random.nextBoolean() : null;
        table.away = random.nextInt(4) == 0;
        assertSumIsZero(table.rows());
      }
      finish(all);
      assertSumIsZero(table.rows());
      assertEquals(List.of(), List.copyOf(wrong));
    }

    /**
     * M1 of {@link Mirror}, exactly. Of a key whose value was refused an older one may be there.
     */
    private void look(Map<Integer, String> rows, long position) {
      Map<Integer, String> state = states.at(position);
      Set<Integer> keys = new TreeSet<>(state.keySet());
      keys.addAll(rows.keySet());
      for (int key : keys) {
        String value = state.get(key);
        if ((value == null || !isRefused(value)) && !Objects.equals(value, rows.get(key))) {
          wrong.add("at " + position + " " + brief(rows.get(key)) + ", not " + brief(value));
        }
      }
    }

    private static String brief(@Nullable String value) {
      return value == null ? "none" : value.substring(0, Math.min(value.length(), 10));
    }

    private void transfer(Engine engine, Space<Integer, String> notes) {
      for (int i = 0; i < 50; i++) {
        transfers++;
        List<Write<Integer, String>> both =
            List.of(
                new Write<>(notes, new Change.Put<>(ACCOUNT, transfers + "0")),
                new Write<>(notes, new Change.Put<>(ACCOUNT + 1, "-" + transfers + "0")));
        try {
          if (engine
              .commit(both, List.of(), () -> made(engine, both), /* mayRun= */ true)
              .isCompletedExceptionally()) {
            return;
          }
        } catch (CacheException e) {
          return;
        }
      }
    }

    private void made(Engine engine, List<Write<Integer, String>> both) {
      both.forEach(
          each ->
              states.made(
                  engine,
                  each.change().key(),
                  ((Change.Put<Integer, String>) each.change()).value()));
    }

    /** P2. */
    private static void assertSumIsZero(Map<Integer, String> rows) {
      assertEquals(0, account(rows.get(ACCOUNT)) + account(rows.get(ACCOUNT + 1)));
    }

    private static int account(String value) {
      return value == null ? 0 : Integer.parseInt(value);
    }

    // ---- what must be there ----

    /** What the table has is never something that a crash took back. */
    @Override
    void check(Space<Integer, String> notes) {
      for (int key = 0; key < NumberedWrites.KEYS; key++) {
        writes.see(notes, key);
      }
    }

    @Override
    void lastLife() {
      isLast = true;
      table.nextUnknown = null;
    }

    @Override
    void end(Engine engine, Space<Integer, String> notes) {
      check(notes);
      notes.flush().join();
      assertSumIsZero(table.rows());
      table.refuses = value -> false;
      ParkedChanges parkedChanges = Objects.requireNonNull(engine.log()).parked();
      Map<Integer, String> there = table.rows();
      parkedChanges.list().forEach(each -> there.remove(each.key()));
      Map<Integer, String> expected = entries(notes);
      parkedChanges.list().forEach(each -> expected.remove(each.key()));
      assertEquals(expected, there);
      for (ParkedChange each : parkedChanges.list()) {
        assertEquals(null, parkedChanges.retry(each.id()).join());
      }
      assertEquals(entries(notes), table.rows());
      assertEquals(List.of(), List.copyOf(wrong));
    }

    private static Map<Integer, String> entries(Space<Integer, String> notes) {
      Map<Integer, String> all = new HashMap<>();
      notes
          .iterator()
          .forEachRemaining(
              each -> {
                if (each.getValue().value() != null) {
                  all.put(each.getKey(), each.getValue().value());
                }
              });
      return all;
    }
  }
}
