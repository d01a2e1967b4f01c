// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.Columns;
import io.cachewright.HandClock;
import io.cachewright.KeyspaceOptions;
import io.cachewright.LimitException;
import io.cachewright.MemoryDatabase;
import io.cachewright.Pattern;
import io.cachewright.Row;
import io.cachewright.WriteBehindOptions;
import io.cachewright.journal.FileDisk;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBehindTest {
  private static final Columns COLUMNS = Columns.of("id", "a", "b");
  private static final Duration DELAY = Duration.ofMillis(500);
  private static final int KEYS = 4;

  private final HandClock clock = new HandClock();
  private final Engine engine = new Engine(clock, new SimpleMeterRegistry());
  @TempDir Path directory;
  private Space<Integer, Row> users = space(100, 1 << 20);
  private long sequence;

  @AfterEach
  void close() {
    engine.close();
  }

  private Space<Integer, Row> space(int maxChanges, long maxPending) {
    return engine.open(
        new SpaceSpec<>(
            "users" + engine.spaces().size(),
            Pattern.READ_THROUGH,
            KeyspaceOptions.DEFAULT.toBuilder()
                .waitMax(Duration.ZERO)
                .writeBehind(new WriteBehindOptions(DELAY, maxChanges, maxPending, true))
                .build(),
            Codec.plain(),
            io.cachewright.store.ValueType.ROW,
            new MemoryDatabase().rows(),
            /* reclaims= */ false));
  }

  /** One for {@link #users}, which are others from then on. */
  private WriteBehind writeBehind(int maxChanges, long maxPending) {
    users = space(maxChanges, maxPending);
    return new WriteBehind(
        engine, Parking.open(engine, new FileDisk(directory)), /* position= */ 0);
  }

  private void log(WriteBehind behind, List<Change<Integer, Row>> transaction) {
    sequence++;
    for (Change<Integer, Row> change : transaction) {
      long bytes = Generation.bytesOf(change, users.values());
      if (!users.room().tryTake(bytes)) {
        throw users.room().refusal(bytes, Duration.ZERO);
      }
      behind.add(sequence, users, change);
    }
    behind.recordEnds(sequence);
  }

  private static @Nullable Generation next(WriteBehind behind) {
    return behind.next(/* holdsJournal= */ false);
  }

  private static Change<Integer, Row> put(int key, String column, @Nullable Object value) {
    return new Change.Put<>(key, Row.empty(COLUMNS).with(column, value));
  }

  // ---- sealing ----

  @Test
  void a_generation_is_due_when_its_first_change_is_old_enough() {
    WriteBehind behind = writeBehind(100, 1 << 20);
    clock.pass(DELAY.multipliedBy(10));
    log(behind, List.of(put(1, "a", 1L)));
    assertNull(next(behind));
    clock.pass(DELAY.minusNanos(1));
    assertNull(next(behind));
    clock.pass(Duration.ofNanos(1));
    assertEquals(1, Objects.requireNonNull(next(behind)).to());
  }

  @Test
  void p2_a_transaction_is_never_parted_between_two_generations() {
    WriteBehind behind = writeBehind(2, 1 << 20);
    log(behind, List.of(put(1, "a", 1L)));
    log(behind, List.of(put(1, "a", 2L), put(2, "a", 2L), put(3, "a", 2L)));
    log(behind, List.of(put(4, "a", 3L)));
    Generation first = Objects.requireNonNull(next(behind));
    assertEquals(0, first.from());
    assertEquals(2, first.to());
    assertEquals(3, first.toFlush().size());
    assertEquals(4, first.changes());
    behind.flushed(first, List.of());
    assertNull(next(behind));
    assertEquals(2, behind.position());
    assertEquals(1, behind.waiting());
  }

  private void putEach(WriteBehind behind, int from, int to) {
    for (int key = from; key <= to; key++) {
      log(behind, List.of(put(key, "a", 1L)));
    }
  }

  @Test
  void max_changes_counts_those_of_a_key_once() {
    WriteBehind behind = writeBehind(3, 1 << 20);
    for (int i = 0; i < 100; i++) {
      putEach(behind, 1, 2);
    }
    assertNull(next(behind));
    putEach(behind, 3, 3);
    assertEquals(201, Objects.requireNonNull(next(behind)).to());
  }

  @Test
  void what_comes_while_a_flush_runs_is_due_when_that_ends() {
    WriteBehind behind = writeBehind(2, 1 << 20);
    putEach(behind, 1, 2);
    Generation first = Objects.requireNonNull(next(behind));
    putEach(behind, 3, 9);
    assertEquals(2, behind.generations());
    behind.flushed(first, List.of());
    assertEquals(9, Objects.requireNonNull(next(behind)).to());
  }

  @Test
  void p7_what_comes_while_a_flush_runs_is_flushed_ten_times_max_changes_at_a_time() {
    WriteBehind behind = writeBehind(2, 1 << 20);
    putEach(behind, 1, 2 + 20 + 20 + 1);
    for (int to : List.of(2, 22, 42)) {
      Generation each = Objects.requireNonNull(next(behind));
      assertEquals(to, each.to());
      behind.flushed(each, List.of());
    }
    assertNull(next(behind));
    assertEquals(1, behind.waiting());
  }

  @Test
  void records_without_a_change_for_this_group_move_its_position() {
    WriteBehind behind = writeBehind(1, 1 << 20);
    log(behind, List.of());
    log(behind, List.of());
    log(behind, List.of(put(1, "a", 1L)));
    Generation first = Objects.requireNonNull(next(behind));
    assertEquals(0, first.from());
    assertEquals(3, first.to());
  }

  @Test
  void a_flush_is_done_when_the_store_has_what_waited_at_the_call() {
    WriteBehind behind = writeBehind(100, 1 << 20);
    log(behind, List.of(put(1, "a", 1L)));
    CompletableFuture<Void> flush = behind.flush();
    log(behind, List.of(put(1, "a", 2L)));
    assertFalse(flush.isDone());
    List<CompletableFuture<Void>> done =
        behind.flushed(Objects.requireNonNull(next(behind)), List.of());
    assertEquals(1, done.size());
    done.get(0).complete(null);
    assertTrue(flush.isDone());
    assertNull(next(behind));
    assertTrue(writeBehind(1, 1_024).flush().isDone());
  }

  // ---- bounds ----

  @Test
  void p7_who_gives_up_waiting_for_a_flush_leaves_nothing_behind() {
    WriteBehind behind = writeBehind(100, 1 << 20);
    log(behind, List.of(put(1, "a", 1L)));
    CompletableFuture<Void> stays = engine.locked(() -> behind.whenReached(sequence));
    for (int i = 0; i < 100; i++) {
      engine.locked(() -> behind.whenReached(sequence)).cancel(false);
    }
    assertEquals(1, behind.waiters());
    assertFalse(stays.isDone());
  }

  @Test
  void p7_a_change_for_which_there_is_no_room_is_refused_and_leaves_no_trace() {
    WriteBehind behind = writeBehind(100, 1_024);
    int taken = 0;
    while (taken < 100) {
      int key = taken;
      try {
        log(behind, List.of(put(key, "a", 1L)));
      } catch (LimitException e) {
        assertTrue(String.valueOf(e.getMessage()).contains("max-pending, 1,024"), e.getMessage());
        break;
      }
      taken++;
    }
    assertTrue(taken > 1 && taken < 100, "taken " + taken);
    assertEquals(taken, behind.waiting());
    assertFalse(behind.flush().isDone());
    behind.flushed(Objects.requireNonNull(next(behind)), List.of());
    log(behind, List.of(put(1, "a", 1L)));
  }

  @Test
  void p7_what_is_coalesced_takes_no_more_room() {
    WriteBehind behind = writeBehind(1_000_000, 1_024);
    for (long i = 0; i < 10_000; i++) {
      log(behind, List.of(put(1, "a", i)));
    }
    assertEquals(10_000, behind.waiting());
  }

  @Test
  void p7_a_change_larger_than_all_room_gets_in_when_nothing_else_waits() {
    WriteBehind behind = writeBehind(100, 1_024);
    log(behind, List.of(put(1, "a", "x".repeat(5_000))));
    assertThrows(LimitException.class, () -> log(behind, List.of(put(2, "a", 1L))));
  }

  // ---- what loads see ----

  /** A load on its way: it has begun, and at some time looks into the database. */
  private static final class Load {
    final long begun;
    final Map<Integer, @Nullable Row> found = new HashMap<>();
    boolean looked;

    Load(long begun) {
      this.begun = begun;
    }
  }

  /**
   * Writes, loads and flushes in random order, each in its steps, so that every order of a load's
   * look and a flush's commit comes up.
   */
  @Test
  void p3_a_load_sees_every_change_logged_before_it_fills() {
    for (int seed = 0; seed < 400; seed++) {
      new Simulation(seed).run();
    }
  }

  private final class Simulation {
    private final int seed;
    private final Random random;
    private final WriteBehind behind = writeBehind(5, 1 << 20);
    private final Map<Integer, Row> database = new HashMap<>();
    private final Map<Integer, Row> truth = new HashMap<>();
    private final List<Load> loads = new ArrayList<>();
    private @Nullable Generation committed;
    private long position;

    Simulation(int seed) {
      this.seed = seed;
      this.random = new Random(seed);
      sequence = 0;
    }

    void run() {
      for (int step = 0; step < 300; step++) {
        switch (random.nextInt(6)) {
          case 0, 1 -> write();
          case 2 -> loads.add(new Load(behind.loadBegins()));
          case 3 -> look();
          case 4 -> endLoad();
          default -> flushStep();
        }
      }
      while (!loads.isEmpty()) {
        endLoad();
      }
      assertEquals(behind.waiting() == 0, behind.flush().isDone());
      for (int i = 0; i < 1_000 && behind.waiting() > 0; i++) {
        flushStep();
      }
      assertEquals(0, behind.waiting());
      for (int key = 0; key < KEYS; key++) {
        assertSame(truth.get(key), database.get(key), "in the end, key " + key);
      }
    }

    private void write() {
      List<Change<Integer, Row>> transaction = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        int key = random.nextInt(KEYS);
        transaction.add(
            random.nextInt(4) == 0
                ? new Change.Remove<>(key)
                : put(key, random.nextBoolean() ? "a" : "b", random.nextLong(1_000)));
      }
      log(behind, transaction);
      transaction.forEach(change -> apply(truth, change));
      clock.pass(Duration.ofMillis(random.nextInt(300)));
    }

    private void look() {
      for (Load load : loads) {
        if (!load.looked) {
          load.looked = true;
          for (int key = 0; key < KEYS; key++) {
            load.found.put(key, database.get(key));
          }
          return;
        }
      }
    }

    private void endLoad() {
      if (loads.isEmpty()) {
        return;
      }
      look();
      Load load = loads.remove(0);
      Set<Integer> again = behind.loadEnds(load.begun, users, load.found.keySet());
      load.found.forEach(
          (key, found) -> {
            if (!again.contains(key)) {
              assertSame(truth.get(key), behind.over(users, key, found), "key " + key);
            }
          });
    }

    /** Commits a generation, or tells the cache that one is committed. */
    private void flushStep() {
      Generation done = committed;
      if (done != null) {
        committed = null;
        behind.flushed(done, List.of());
        return;
      }
      Generation next = next(behind);
      if (next != null) {
        assertEquals(position, next.from(), "seed " + seed); // W1
        position = next.to();
        for (Generation.Due<?, ?> part : next.toFlush()) {
          apply(database, change(part));
        }
        committed = next;
      }
    }

    @SuppressWarnings("unchecked") // all changes are of users
    private Change<Integer, Row> change(Generation.Due<?, ?> part) {
      return (Change<Integer, Row>) part.change();
    }

    private void assertSame(@Nullable Row expected, @Nullable Row seen, String what) {
      String message = "seed " + seed + ", " + what + ": " + seen + ", not " + expected;
      if (expected == null || seen == null) {
        assertEquals(expected, seen, message);
        return;
      }
      for (int i = 1; i < COLUMNS.size(); i++) {
        assertEquals(expected.get(i), seen.get(i), message);
      }
    }
  }

  private static void apply(Map<Integer, Row> rows, Change<Integer, Row> change) {
    if (change instanceof Change.Put<Integer, Row> put) {
      Row base = rows.getOrDefault(put.key(), Row.ofAll(COLUMNS, (long) put.key(), null, null));
      rows.put(put.key(), put.value().over(base));
    } else {
      rows.remove(change.key());
    }
  }
}
