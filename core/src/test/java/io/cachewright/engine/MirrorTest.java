// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.Cachewright;
import io.cachewright.Columns;
import io.cachewright.ConfigurationException;
import io.cachewright.HandClock;
import io.cachewright.Keyspace;
import io.cachewright.KeyspaceBuilder;
import io.cachewright.MirrorOptions;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.ValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mirror from the caller's side, over a table in memory. */
@Timeout(60)
class MirrorTest {
  /** So that nothing is flushed unless a test asks for it. */
  private static final MirrorOptions LATE = MirrorOptions.every(Duration.ofHours(1));

  @TempDir Path directory;
  private final MemoryMirror<String, String> table = new MemoryMirror<>();
  private Cachewright cache;
  private Keyspace<String, String> notes;

  @BeforeEach
  void open() {
    cache = Cachewright.builder().directory(directory).drain(Duration.ZERO).open();
    notes = notes(LATE);
  }

  private Keyspace<String, String> notes(MirrorOptions options) {
    return cache
        .keyspace("notes", String.class, String.class)
        .record()
        .mirror(table, options)
        .open();
  }

  @AfterEach
  void close() {
    table.away = false;
    cache.close();
  }

  private void restart(MirrorOptions options) {
    cache.close();
    cache = Cachewright.builder().directory(directory).drain(Duration.ZERO).open();
    notes = notes(options);
  }

  private WriteBehindStatus status() {
    return cache.writeBehind().get(0);
  }

  @Test
  void nothing_is_flushed_before_it_is_due() {
    cache.flush();
    notes.put("a", "1");
    notes.put("a", "2");
    assertEquals(Map.of(), table.rows());
    assertEquals(1, status().changes());
    cache.flush();
    assertEquals(Map.of("a", "2"), table.rows());
  }

  @Test
  void p6_what_was_refused_is_tried_again_after_a_restart() {
    table.refuses = value -> value.equals("bad");
    notes.put("a", "bad");
    notes.put("b", "good");
    cache.flush();
    assertEquals(Map.of("b", "good"), table.rows());
    assertEquals(1, cache.parked().size());
    table.refuses = value -> false;
    restart(LATE);
    cache.flush();
    assertEquals(Map.of("a", "bad", "b", "good"), table.rows());
    assertEquals(0, cache.parked().size());
  }

  @Test
  void p6_aFileOfWhatWasParkedThatCannotBeDeletedDoesNotEndTheMirror() throws Exception {
    table.refuses = value -> value.equals("bad");
    notes.put("a", "bad");
    cache.flush();
    Path file = directory.resolve("parked").resolve(String.format("%020d.parked", 1));
    Files.delete(file);
    Files.createDirectories(file.resolve("such as cannot be deleted"));
    notes.put("a", "good");
    cache.flush();
    notes.put("a", "better");
    cache.flush();
    assertEquals(Map.of("a", "better"), table.rows());
    assertEquals(0, cache.parked().size());
  }

  @Test
  void p6_what_is_parked_of_a_mirror_that_is_there_no_more_holds_up_nothing() {
    table.refuses = value -> value.equals("bad");
    notes.put("a", "bad");
    cache.flush();
    cache.close();
    cache = Cachewright.builder().directory(directory).drain(Duration.ZERO).open();
    notes = cache.keyspace("notes", String.class, String.class).record().open();
    Log log = Objects.requireNonNull(cache.engine().log());
    assertEquals(Set.of(), log.unopened());
    log.snapshot();
    assertEquals("bad", notes.get("a"));
  }

  /** Or rows would be deleted whose entries have been given more time since. */
  @Test
  void p2_rowsThatHaveExpiredAreLookedForInATableThatHasWhatTheKeysHave() {
    List<Map<String, String>> seen = new CopyOnWriteArrayList<>();
    table.swept = () -> seen.add(table.rows());
    HandClock clock = new HandClock();
    cache.close();
    cache = Cachewright.builder().directory(directory).clock(clock).drain(Duration.ZERO).open();
    seen.clear();
    notes = notes(LATE);
    notes.put("a", "1", Duration.ofHours(2));
    cache.flush();
    CompletableFuture<Void> put =
        cache
            .engine()
            .locked(
                () -> { // at once, or the look could come in between
                  clock.pass(Duration.ofMinutes(90));
                  return notes.async().put("a", "2", Duration.ofHours(2));
                });
    put.join();
    Awaitility.await().until(() -> !seen.isEmpty());
    assertEquals(Map.of("a", "2"), seen.get(0));
  }

  @Test
  void p1_anOpeningThatFailsTakesNothingFromTheNext() {
    MemoryMirror<String, Row> rows = new MemoryMirror<>();
    Row old = Row.ofAll(Columns.of("name", "age"), "Ann", 1L);
    Keyspace<String, Row> people = people(Columns.of("name", "age")).mirror(rows, LATE).open();
    people.put("a", old);
    people.remove("a");
    people.put("b", Row.empty(Columns.of("name", "age")).with("name", "Bob"));
    Objects.requireNonNull(cache.engine().log()).snapshot();
    restart(LATE);
    KeyspaceBuilder<String, Row> unfit = people(Columns.of("name")).mirror(rows, LATE);
    assertThrows(ConfigurationException.class, unfit::open);
    people = people(Columns.of("name")).open();
    assertEquals("Bob", Objects.requireNonNull(people.get("b")).get("name"));
  }

  private KeyspaceBuilder<String, Row> people(Columns columns) {
    return cache
        .keyspace("people", String.class, Row.class)
        .values(ValueType.rows(columns))
        .record();
  }

  @Test
  void p7_at_half_its_bound_it_flushes_before_it_is_due() {
    restart(LATE.withMaxPending(40_000));
    cache.flush();
    for (int i = 0; i < 100; i++) {
      notes.put("k" + i, "x".repeat(50));
    }
    Awaitility.await().until(() -> table.rows().size() > 50);
  }

  @Test
  void p7_beyond_its_bound_it_drops_what_waits_and_copies_when_the_table_is_back() {
    restart(LATE.withMaxPending(10_000));
    cache.flush();
    table.away = true;
    for (int i = 0; i < 1_000; i++) {
      notes.put("k" + i, "x".repeat(50));
      assertTrue(status().bytes() <= 10_000);
    }
    assertTrue(status().needsCopy());
    assertEquals(Map.of(), table.rows());
    table.away = false;
    cache.flush();
    assertFalse(status().needsCopy());
    assertEquals(1_000, table.rows().size());
  }

  @Test
  void p7_a_mirror_that_is_behind_holds_no_journal() {
    restart(LATE.withMaxPending(10_000));
    cache.flush();
    table.away = true;
    Mirror<?, ?> mirror =
        Objects.requireNonNull(
            Recorded.mirrorOf(Objects.requireNonNull(cache.engine().space("notes"))));
    long position = mirror.position();
    assertEquals(position, mirror.neededFrom());
    for (int i = 0; i < 100; i++) {
      notes.put("k" + i, "x".repeat(50));
    }
    assertEquals(Long.MAX_VALUE, mirror.neededFrom());
  }

  @Test
  void p2_a_position_that_somebody_has_changed_is_made_up_for_by_a_copy() {
    notes.put("a", "1");
    cache.flush();
    table.stands(new Claim(table.read("").epoch(), 0));
    notes.put("b", "1");
    cache.flush();
    assertEquals(Map.of("a", "1", "b", "1"), table.rows());
  }

  @Test
  void p2_a_mirror_that_another_process_has_taken_over_stops_and_the_keyspace_does_not() {
    notes.put("a", "1");
    cache.flush();
    table.claim("");
    notes.put("a", "2");
    assertThrows(StoreAwayException.class, () -> cache.flush());
    assertTrue(status().stopped());
    assertTrue(
        String.valueOf(Objects.requireNonNull(status().failing()).getMessage())
            .contains("another process has taken it over"));
    assertEquals(Map.of("a", "1"), table.rows());
    notes.put("a", "3");
    assertEquals("3", notes.get("a"));
  }

  @Test
  void only_a_record_keyspace_without_a_table_has_a_mirror() {
    assertThrows(
        ConfigurationException.class,
        () -> cache.keyspace("x", String.class, String.class).mirror(table, LATE).open());
    assertThrows(
        ConfigurationException.class,
        () ->
            cache.keyspace("x", String.class, String.class).record().mirror("notes", LATE).open());
  }
}
