// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.BadValueException;
import io.cachewright.JournalException;
import io.cachewright.Keyspace;
import io.cachewright.LimitException;
import io.cachewright.MemoryDatabase;
import io.cachewright.Pattern;
import io.cachewright.StoreAwayException;
import io.cachewright.journal.Durability;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.SimulatedDisk;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Writes at the bounds of the log, over a database that is slow, held or away. */
class WaitingCommitsTest extends WaitingCommitsFixture {

  // ---- they wait ----

  @Test
  void p7_asynchronous_writes_wait_for_a_slow_database_and_are_made_in_order() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    database.commits.close();
    PendingRoom room = Objects.requireNonNull(cache.engine().space("notes")).room();
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    List<Object> asked = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      asked.add("value " + i);
      puts.add(notes.async().put(i % 7, "value " + i));
      assertTrue(room.taken() <= MAX_PENDING, () -> "taken " + room.taken());
    }
    assertTrue(log.waiting() > 2_400, () -> log.waiting() + " wait");
    database.commits.open();
    for (CompletableFuture<Void> put : puts) {
      join(put);
    }
    notes.flush();
    assertEquals(asked, applied);
    assertEquals(0, log.waiting());
    assertEquals(0, room.taken());
  }

  @Test
  void p7_blocking_and_asynchronous_writers_wait_in_the_same_order() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    database.commits.close();
    join(notes.async().put(-1, LARGE));
    CompletableFuture<Void> first = notes.async().put(1, LARGE);
    CompletableFuture<Void> blocked = CompletableFuture.runAsync(() -> notes.put(1, "would fit"));
    await(() -> log.waiting() == 2);
    CompletableFuture<Void> third = notes.async().put(1, "this too");
    database.commits.open();
    join(CompletableFuture.allOf(first, blocked, third));
    notes.flush();
    assertEquals(List.of(LARGE, LARGE, "would fit", "this too"), applied);
  }

  @Test
  void p7_a_transaction_larger_than_all_room_gets_in_alone() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    fill(notes);
    Map<Integer, String> many = Map.of(1, LARGE, 2, LARGE, 3, LARGE);
    CompletableFuture<Void> large = notes.async().putAll(many);
    CompletableFuture<Void> small = notes.async().put(1, "after it");
    assertEquals(2, log.waiting());
    database.commits.open();
    join(CompletableFuture.allOf(large, small));
    notes.flush();
    assertEquals("after it", table.select(1));
    assertEquals(LARGE, table.select(3));
  }

  @Test
  void p7_a_keyspace_does_not_wait_for_the_database_of_another() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    Keyspace<Integer, String> other = notes("other", new MemoryDatabase().table(), PATIENT);
    fill(notes);
    CompletableFuture<Void> waits = notes.async().put(1, "a");
    for (int i = 0; i < 100; i++) {
      join(other.async().put(i, LARGE));
    }
    assertFalse(waits.isDone());
  }

  @Test
  void p7_a_transaction_waits_in_all_its_keyspaces_and_holds_no_room() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    Keyspace<Integer, String> other = notes("other", new MemoryDatabase().table(), PATIENT);
    PendingRoom room = Objects.requireNonNull(cache.engine().space("other")).room();
    fill(notes);
    CompletableFuture<Void> both =
        CompletableFuture.runAsync(
            () ->
                cache.transaction(
                    unit -> {
                      unit.put(other, 1, "both");
                      unit.put(notes, 1, LARGE);
                    }));
    await(() -> log.waiting() == 1);
    assertEquals(0, room.taken());
    CompletableFuture<Void> behind = other.async().put(1, "behind it");
    assertEquals(2, log.waiting());
    database.commits.open();
    join(both);
    join(behind);
    assertEquals(LARGE, notes.get(1));
    assertEquals("behind it", other.get(1));
  }

  @Test
  void p3_what_an_update_has_read_is_looked_at_when_it_is_made() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    join(notes.async().put(1, "a"));
    notes.flush();
    fill(notes);
    CompletableFuture<Void> put = notes.async().put(1, "b");
    CompletableFuture<String> update = notes.async().compute(1, present -> present + "c");
    assertEquals("a", notes.get(1));
    database.commits.open();
    assertEquals("bc", join(update));
    assertTrue(put.isDone());
    assertEquals("bc", notes.get(1));
  }

  @Test
  void p7_a_write_waits_for_the_journal_too() throws Exception {
    SimulatedDisk disk = new SimulatedDisk(new Random(1));
    Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
    try {
      JournalOptions options = new JournalOptions(Durability.FSYNC, 64 << 10, 32 << 10, 64 << 10);
      engine.openLog(new Log.Place(disk, new SimulatedDisk(new Random(2)), options), Duration.ZERO);
      disk.capacity(200 << 10); // three segments
      Space<Integer, String> records =
          engine.open(
              new SpaceSpec<>(
                  "records",
                  Pattern.RECORD,
                  PATIENT,
                  Objects.requireNonNull(Codec.of(Integer.class)),
                  ValueType.opaque(),
                  /* store= */ null,
                  /* reclaims= */ false));
      Log of = Objects.requireNonNull(engine.log());
      List<CompletableFuture<Void>> puts = new ArrayList<>();
      while (puts.size() < 20) { // at most 9 of them fit the disk
        puts.add(records.write(put(puts.size(), "z".repeat(20_000)), Write.DEFAULT_TIME, false));
      }
      Draft draft = new Draft(of);
      while (commits(engine, records, draft)) { // until the disk is full, and not only the buffer
        assertFalse(Thread.interrupted(), "never refused");
      }
      puts.add(records.write(put(puts.size(), "small"), Write.DEFAULT_TIME, false)); // would fit
      assertTrue(of.waiting() >= 12);
      assertFalse(puts.get(20).isDone());
      disk.capacity(Long.MAX_VALUE);
      of.snapshot();
      join(CompletableFuture.allOf(puts.toArray(CompletableFuture<?>[]::new)));
      assertTrue(commits(engine, records, draft));
      assertEquals(puts.size() + 1, records.size());
    } finally {
      engine.close();
    }
  }

  private static boolean commits(Engine engine, Space<Integer, String> records, Draft draft) {
    return engine.locked(
        () -> {
          draft.begin();
          draft.put(records, 1_000, "not now", Entry.NEVER);
          return draft.commit();
        });
  }

  private static Change<Integer, String> put(int key, String value) {
    return new Change.Put<>(key, value);
  }

  // ---- they are refused ----

  @Test
  void p7_after_the_longest_wait_a_write_is_refused_and_leaves_no_trace() throws Exception {
    Keyspace<Integer, String> notes = notes(HASTY);
    fill(notes);
    long records = log.journalStats().appended();
    CompletableFuture<Void> put = notes.async().put(1, LARGE);
    LimitException e = assertThrows(LimitException.class, () -> join(put));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("keyspace notes"), message);
    assertTrue(message.contains("max-pending, 2,000; gave up after 30 ms"), message);
    LimitException blocked = assertThrows(LimitException.class, () -> notes.put(1, LARGE));
    assertEquals(message, blocked.getMessage());
    assertEquals(records, log.journalStats().appended());
    assertEquals(0, log.waiting());
    database.commits.open();
    notes.flush();
    assertNull(notes.get(1));
    assertNull(table.select(1));
    join(notes.async().put(1, "now"));
  }

  @Test
  void p7_exactly_those_are_refused_whose_time_is_over() throws Exception {
    Keyspace<Integer, String> hasty = notes(HASTY);
    Keyspace<Integer, String> patient = notes("patient", database.table(), PATIENT);
    database.commits.close();
    for (Keyspace<Integer, String> each : List.of(hasty, patient)) {
      join(each.async().put(-1, LARGE + LARGE));
    }
    CompletableFuture<Void> stays = patient.async().put(1, "stays");
    CompletableFuture<Void> refused = hasty.async().put(2, "refused");
    assertThrows(LimitException.class, () -> join(refused));
    assertEquals(1, log.waiting());
    database.commits.open();
    join(stays);
  }

  @Test
  void p7_so_many_wait_and_no_more() throws Exception {
    Keyspace<Integer, String> notes =
        notes(PATIENT.toBuilder().loadBatchMax(1).waitingMax(3).build());
    fill(notes);
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      puts.add(notes.async().put(i, LARGE));
    }
    LimitException e = assertThrows(LimitException.class, () -> join(notes.async().put(9, LARGE)));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("keyspace notes: 3 writes of"), message);
    assertTrue(message.contains("which is waitingMax, 3"), message);
    CompletableFuture<Void> blocked = CompletableFuture.runAsync(() -> notes.put(8, LARGE));
    await(() -> log.waiting() == 4); // it holds a thread, and that bounds it
    database.commits.open();
    join(CompletableFuture.allOf(puts.toArray(CompletableFuture<?>[]::new)));
    join(blocked);
    assertNull(notes.get(9));
  }

  @Test
  void p7_so_many_bytes_wait_and_no_more() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    fill(notes);
    String huge = "h".repeat(10 << 20);
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      puts.add(notes.async().put(i, huge));
    }
    LimitException e = assertThrows(LimitException.class, () -> join(notes.async().put(9, huge)));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("67,108,864 bytes that may wait for room"), message);
    assertEquals(6, log.waiting());
    database.commits.open();
    join(CompletableFuture.allOf(puts.toArray(CompletableFuture<?>[]::new)));
  }

  @Test
  void p7_what_cannot_be_written_does_not_wait() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    fill(notes);
    assertThrows(
        LimitException.class, () -> join(notes.async().put(1, "l".repeat((16 << 20) + 1))));
    assertThrows(
        BadValueException.class, () -> join(notes.async().put(1, "a", Duration.ofDays(365 * 200))));
    assertEquals(0, log.waiting());
  }

  // ---- the end ----

  @Test
  void p7_closing_fails_all_that_wait() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    fill(notes);
    CompletableFuture<Void> put = notes.async().put(1, LARGE);
    CompletableFuture<Void> blocked = CompletableFuture.runAsync(() -> notes.put(1, "blocked"));
    await(() -> log.waiting() == 2);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(cache::close);
    JournalException e = assertThrows(JournalException.class, () -> join(put));
    assertTrue(String.valueOf(e.getMessage()).contains("is being closed"), e.getMessage());
    assertThrows(JournalException.class, () -> join(blocked));
    assertThrows(JournalException.class, () -> join(notes.async().put(1, LARGE)));
    database.commits.open();
    join(closing);
    assertNull(table.select(1));
  }

  @Test
  void p7_a_write_behind_that_has_stopped_fails_all_that_wait() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    fill(notes);
    CompletableFuture<Void> put = notes.async().put(1, LARGE);
    CompletableFuture<Void> other = notes.async().put(2, "small");
    database.set(log.journal().log().toString(), new Claim(77, 0)); // another has taken it over
    database.commits.open();
    StoreAwayException e = assertThrows(StoreAwayException.class, () -> join(put));
    assertTrue(String.valueOf(e.getMessage()).contains("taken the log over"), e.getMessage());
    assertThrows(StoreAwayException.class, () -> join(other));
  }

  @Test
  void p7_a_callers_action_may_write_again() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    fill(notes);
    List<CompletableFuture<Void>> chains = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int key = i;
      chains.add(notes.async().put(key, LARGE).thenCompose(put -> notes.async().put(key, "next")));
    }
    database.commits.open();
    join(CompletableFuture.allOf(chains.toArray(CompletableFuture<?>[]::new)));
    notes.flush();
    assertEquals("next", table.select(19));
  }

  @Test
  void p7_who_gives_up_a_flush_of_all_leaves_nothing_behind() throws Exception {
    Keyspace<Integer, String> notes = notes(PATIENT);
    database.commits.close();
    join(notes.async().put(1, "a"));
    CompletableFuture<Void> stays = log.flush();
    for (int i = 0; i < 100; i++) {
      log.flush().cancel(false);
    }
    Space<?, ?> space = Objects.requireNonNull(cache.engine().space("notes"));
    assertEquals(1, Objects.requireNonNull(space.behind()).waiters());
    assertFalse(stays.isDone());
  }
}
