// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.engine.Log;
import io.cachewright.store.ByteSink;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cache as the database, from the caller's side. */
@Timeout(60)
class RecordKeyspaceTest {
  private static final Columns COLUMNS = Columns.of("name", "age");

  @TempDir Path directory;
  private final HandClock clock = new HandClock();
  private Cachewright cache;
  private Keyspace<String, String> notes;

  @BeforeEach
  void open() {
    cache = Cachewright.builder().directory(directory).clock(clock).drain(Duration.ZERO).open();
    notes = cache.keyspace("notes", String.class, String.class).record().open();
  }

  @AfterEach
  void close() {
    cache.close();
  }

  private void restart() {
    cache.close();
    open();
  }

  private Log log() {
    return Objects.requireNonNull(cache.engine().log());
  }

  @Test
  void p1_what_was_acknowledged_is_there_after_a_restart() {
    notes.put("a", "1");
    notes.put("b", "2");
    notes.put("a", "3");
    assertTrue(notes.remove("b"));
    assertFalse(notes.remove("b"));
    restart();
    assertEquals("3", notes.get("a"));
    assertNull(notes.get("b"));
    assertEquals(1, notes.size());
  }

  @Test
  void p1_a_snapshot_and_the_journal_after_it_are_all_there_is() {
    for (int i = 0; i < 1_000; i++) {
      notes.put("k" + i, "v" + i);
    }
    log().snapshot();
    notes.put("k1", "later");
    notes.remove("k2");
    restart();
    assertEquals("v0", notes.get("k0"));
    assertEquals("later", notes.get("k1"));
    assertNull(notes.get("k2"));
    assertEquals(999, notes.size());
    log().snapshot();
    restart();
    assertEquals(999, notes.size());
    assertEquals("later", notes.get("k1"));
  }

  @Test
  void a_removed_key_leaves_nothing_behind() {
    notes.put("a", "1");
    notes.remove("a");
    assertEquals(0, notes.size());
  }

  @Test
  void puts_of_columns_add_up_and_time_to_live_survives_a_restart() {
    Keyspace<String, Row> people = people();
    people.put("ann", Row.empty(COLUMNS).with("name", "Ann"));
    people.put("ann", Row.empty(COLUMNS).with("age", 30L));
    notes.put("short", "x", Duration.ofMinutes(1));
    notes.put("long", "x");
    assertTrue(notes.expire("long", Duration.ofHours(1)));
    assertFalse(notes.expire("none", Duration.ofHours(1)));
    restart();
    assertEquals(Row.ofAll(COLUMNS, "Ann", 30L), people().get("ann"));
    Duration left = Objects.requireNonNull(notes.timeToLive("long"));
    assertTrue(left.toMinutes() > 50 && left.toMinutes() <= 60, left.toString());
    clock.pass(Duration.ofMinutes(2));
    assertNull(notes.get("short"));
    assertEquals("x", notes.get("long"));
    log().snapshot();
    restart();
    assertEquals("x", notes.get("long"));
  }

  private Keyspace<String, Row> people() {
    return cache
        .keyspace("people", String.class, Row.class)
        .values(ValueType.rows(COLUMNS))
        .record()
        .open();
  }

  @Test
  void what_has_expired_before_a_restart_does_not_come_back() {
    notes.put("a", "1", Duration.ofMillis(1));
    long end = System.currentTimeMillis() + 50;
    while (System.currentTimeMillis() < end) {
      Thread.onSpinWait();
    }
    restart();
    assertNull(notes.get("a"));
  }

  @Test
  void update_and_compute_if_absent_are_logged() {
    assertEquals("1", notes.computeIfAbsent("a", key -> "1"));
    assertEquals("1", notes.computeIfAbsent("a", key -> "2"));
    assertEquals("12", notes.update("a", value -> value + "2"));
    restart();
    assertEquals("12", notes.get("a"));
  }

  @Test
  void p7_at_its_bound_a_put_is_refused_and_nothing_is_evicted() {
    Keyspace<String, String> small =
        cache.keyspace("small", String.class, String.class).record().maximumBytes(10_000).open();
    int[] accepted = {0};
    LimitException e =
        assertThrows(
            LimitException.class,
            () -> {
              while (accepted[0] < 1_000) {
                small.put("k" + accepted[0], "x".repeat(100));
                accepted[0]++;
              }
            });
    assertTrue(String.valueOf(e.getMessage()).contains("keyspace small is full"), e.getMessage());
    assertEquals(accepted[0], small.size());
    small.put("k0", "shorter");
    small.remove("k1");
    small.put("k1", "y".repeat(100));
    assertEquals("y".repeat(100), small.get("k1"));
  }

  @Test
  void p7_a_transaction_that_would_pass_a_bound_is_refused_as_a_whole() {
    Keyspace<String, String> few =
        cache.keyspace("few", String.class, String.class).record().maximumSize(10).open();
    few.putAll(numbered(0, 8, "x"));
    LimitException e =
        assertThrows(LimitException.class, () -> few.putAll(numbered(6, 12, "longer")));
    assertEquals(
        "keyspace few is full: max-size is 10, and it would have 12. Remove something, or raise"
            + " it: a record keyspace evicts nothing",
        e.getMessage());
    assertEquals(8, few.size());
    assertEquals("x", few.get("k7"), "those before the one that did not fit");

    few.putAll(numbered(4, 10, "longer"));
    few.putAll(numbered(0, 10, "y"));
    assertEquals(10, few.size());
    restart();
    assertEquals(
        10, cache.keyspace("few", String.class, String.class).record().open().size(), "logged");
  }

  @Test
  void p7_a_transaction_that_would_pass_max_bytes_is_refused_as_a_whole() {
    Keyspace<String, String> small =
        cache.keyspace("small", String.class, String.class).record().maximumBytes(10_000).open();
    LimitException e =
        assertThrows(LimitException.class, () -> small.putAll(numbered(0, 40, "x".repeat(100))));
    assertTrue(String.valueOf(e.getMessage()).contains("max-bytes is 10,000"), e.getMessage());
    assertEquals(0, small.size());
    small.putAll(numbered(0, 10, "x".repeat(100)));
    for (int i = 0; i < 3; i++) { // as much as there is room for: in place of what is there
      small.putAll(numbered(0, 10, "y".repeat(600)));
      small.putAll(numbered(0, 10, "x".repeat(100)));
    }
    assertThrows(
        LimitException.class,
        () ->
            cache.transaction(
                work -> {
                  work.put(small, "k0", "z");
                  work.put(small, "k1", "z".repeat(10_000));
                  work.remove(small, "k2");
                }));
    assertEquals("x".repeat(100), small.get("k0"));
    cache.transaction(
        work -> {
          work.put(small, "k1", "z".repeat(10_000));
          work.put(small, "k1", "last");
        });
    assertEquals("last", small.get("k1"), "what counts is what the transaction leaves");
  }

  private static Map<String, String> numbered(int from, int to, String value) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = from; i < to; i++) {
      all.put("k" + i, value);
    }
    return all;
  }

  @Test
  void p7_what_expires_gives_its_room_back() {
    Keyspace<String, String> small =
        cache.keyspace("small", String.class, String.class).record().maximumBytes(10_000).open();
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 20; i++) {
        small.put("k" + i, "x".repeat(100), Duration.ofSeconds(1));
      }
      clock.pass(Duration.ofSeconds(2));
      for (int i = 0; i < 20; i++) {
        assertNull(small.get("k" + i));
      }
    }
  }

  @Test
  void nothing_can_be_dropped_where_nothing_stands_behind() {
    notes.put("a", "1");
    assertThrows(NotAllowedException.class, () -> notes.evict("a"));
    assertThrows(NotAllowedException.class, () -> notes.evictAll());
    assertThrows(NotAllowedException.class, () -> notes.refresh("a"));
    assertEquals("1", notes.get("a"));
  }

  @Test
  void a_keyspace_that_is_not_opened_any_more_keeps_its_entries_until_it_is_forgotten() {
    people().put("ann", Row.ofAll(COLUMNS, "Ann", 30L));
    log().snapshot();
    restart();
    assertEquals(Set.of("people"), log().unopened());
    assertThrows(ConfigurationException.class, () -> log().snapshot());
    assertTrue(cache.forget("people") > 0);
    log().snapshot();
    restart();
    assertEquals(Set.of(), log().unopened());
    assertNull(people().get("ann"));
  }

  /** Or it would be lost: the snapshot has nothing of it, and the journal before that goes. */
  @Test
  void p1_noSnapshotIsTakenWhileWhatOnlyTheJournalHasWaitsForItsKeyspace() {
    people().put("ann", Row.ofAll(COLUMNS, "Ann", 30L));
    restart();
    assertEquals(Set.of("people"), log().unopened());
    ConfigurationException e = assertThrows(ConfigurationException.class, () -> log().snapshot());
    assertTrue(String.valueOf(e.getMessage()).contains("[people]"), e.getMessage());
    assertEquals(Row.ofAll(COLUMNS, "Ann", 30L), people().get("ann"));
    log().snapshot();
    restart();
    assertEquals(Row.ofAll(COLUMNS, "Ann", 30L), people().get("ann"));
  }

  /** Or nobody would know why the journal grows. */
  @Test
  void p7_anErrorInASnapshotIsTold() {
    AtomicBoolean fails = new AtomicBoolean();
    Codec<String> keys =
        new Codec<>() {
          @Override
          public void write(String key, ByteSink out) {
            if (fails.get()) {
              throw new OutOfMemoryError("as if");
            }
            Codec.super.write(key, out);
          }
        };
    cache.keyspace("others", String.class, String.class).keys(keys).record().open().put("a", "1");
    fails.set(true);
    assertThrows(OutOfMemoryError.class, () -> log().snapshot());
    String failure = String.valueOf(log().snapshotStatus().failure());
    assertTrue(failure.contains("as if"), failure);
  }

  @Test
  void a_transaction_over_record_keyspaces_is_there_whole() {
    Keyspace<String, Row> people = people();
    cache.transaction(
        tx -> {
          tx.put(notes, "a", "1");
          tx.put(people, "ann", Row.ofAll(COLUMNS, "Ann", 1L));
        });
    notes.putAll(Map.of("x", "1", "y", "2"));
    restart();
    assertEquals("1", notes.get("a"));
    assertEquals(Row.ofAll(COLUMNS, "Ann", 1L), people().get("ann"));
    assertEquals("2", notes.get("y"));
  }
}
