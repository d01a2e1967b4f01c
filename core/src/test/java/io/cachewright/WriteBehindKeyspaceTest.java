// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Write-behind from the caller's side, over a database in memory and a journal on disk. */
class WriteBehindKeyspaceTest extends WriteBehindFixture {

  @Test
  void p3_a_put_is_read_at_once_and_is_in_the_store_after_a_flush() {
    notes.put(1, "a");
    assertEquals("a", notes.get(1));
    assertNull(table.select(1));
    notes.flush();
    assertEquals("a", table.select(1));
  }

  @Test
  void p1_what_was_acknowledged_reaches_the_store_after_a_restart_exactly_once() {
    notes.put(1, "a");
    notes.flush();
    notes.put(1, "b");
    notes.put(2, "c");
    notes.remove(1);
    notes.put(3, "d");
    crash();
    table.insert(1, "by another");
    notes = notes(LATE);
    assertNull(notes.get(1));
    assertEquals("c", notes.get(2));
    notes.flush();
    assertNull(table.select(1));
    assertEquals("c", table.select(2));
    assertEquals("d", table.select(3));
    List<Integer> commits = List.copyOf(database.commitSizes);
    crash();
    notes = notes(LATE);
    notes.flush();
    List<Integer> since = database.commitSizes.subList(commits.size(), database.commitSizes.size());
    assertTrue(since.stream().allMatch(size -> size == 0), "flushed again: " + since);
  }

  @Test
  void p3_evicted_changes_that_wait_are_laid_over_what_is_loaded() {
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 30L));
    Keyspace<Integer, Row> keyspace = people();
    keyspace.put(1, Row.empty(COLUMNS).with("age", 31L));
    assertEquals(Row.ofAll(COLUMNS, 1L, "Ann", 31L), keyspace.get(1));
    keyspace.evict(1);
    assertEquals(Row.ofAll(COLUMNS, 1L, "Ann", 31L), keyspace.get(1));
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Anne", 30L));
    cache.flush();
    keyspace.evict(1);
    assertEquals(Row.ofAll(COLUMNS, 1L, "Anne", 31L), keyspace.get(1));
  }

  @Test
  void p8_with_the_store_away_whole_values_are_written_and_read() {
    database.away = true;
    notes.put(1, "a");
    notes.evict(1);
    assertEquals("a", notes.get(1));
    assertThrows(StoreAwayException.class, () -> notes.get(2));
    database.away = false;
    notes.flush();
    assertEquals("a", table.select(1));
  }

  @Test
  void p7_at_the_bound_a_write_is_refused_with_an_error_that_names_it() throws Throwable {
    cache.close();
    cache = opened();
    notes =
        cache
            .keyspace("notes", Integer.class, String.class)
            .store(table)
            .options(KeyspaceOptions.DEFAULT.toBuilder().waitMax(Duration.ofMillis(20)).build())
            .writeBehind(LATE.withMaxPending(2_000))
            .open();
    database.commits.close();
    int refused = 1;
    while (isAccepted(refused)) {
      refused++;
    }
    int one = refused;
    LimitException e = assertThrows(LimitException.class, () -> join(notes, one));
    assertTrue(String.valueOf(e.getMessage()).contains("keyspace notes"), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("max-pending"), e.getMessage());
    database.commits.open();
    notes.flush();
    assertNull(table.select(refused));
    notes.put(refused, "now");
  }

  private boolean isAccepted(int key) throws Throwable {
    try {
      join(notes, key);
      return true;
    } catch (LimitException e) {
      return false;
    }
  }

  private static void join(Keyspace<Integer, String> notes, int key) throws Throwable {
    try {
      notes.async().put(key, "x".repeat(500)).join();
    } catch (java.util.concurrent.CompletionException e) {
      throw e.getCause();
    }
  }

  @Test
  void p6_what_the_store_refuses_is_parked_with_what_follows_and_survives_a_restart() {
    database.refuses = "bad"::equals;
    notes.put(1, "a");
    notes.put(2, "bad");
    notes.put(3, "c");
    notes.flush();
    assertEquals("a", table.select(1));
    assertEquals("c", table.select(3));
    assertNull(table.select(2));
    ParkedChange parked = onlyParked();
    assertEquals(2, parked.key());
    assertEquals("bad", parked.value());
    assertEquals(1, parked.tries());
    notes.evict(2);
    assertEquals("bad", notes.get(2), "it was acknowledged");
    notes.put(2, "good");
    notes.flush();
    assertNull(table.select(2), "it waits behind the one that is parked");
    crash();
    notes = notes(LATE);
    assertEquals("good", onlyParked().value());
    assertEquals("good", notes.get(2));
    assertNull(cache.parked().retry(onlyParked().id()).join());
    assertEquals("good", table.select(2));
    assertEquals(List.of(), cache.parked().list());
  }

  @Test
  void p6_a_retry_that_is_refused_again_counts_and_one_that_is_mended_goes_through() {
    database.refuses = "bad"::equals;
    notes.put(2, "bad");
    notes.flush();
    long id = onlyParked().id();
    ParkedChange still = cache.parked().retry(id).join();
    assertNotNull(still);
    assertEquals(2, still.tries());
    assertNull(cache.parked().retry(id, "good").join());
    assertEquals("good", table.select(2));
    assertEquals("good", notes.get(2));
  }

  @Test
  void p6_a_discarded_change_is_gone_from_the_cache_too() {
    table.insert(2, "before");
    database.refuses = "bad"::equals;
    notes.put(2, "bad");
    notes.flush();
    cache.parked().discard(onlyParked().id());
    assertEquals("before", notes.get(2));
    crash();
    notes = notes(LATE);
    assertEquals(List.of(), cache.parked().list());
    assertEquals("before", notes.get(2));
  }

  /** Gone from memory and not from the disk, it would come back over what is newer. */
  @Test
  void p6_whatCannotBeDiscardedIsStillParked() throws Exception {
    database.refuses = "bad"::equals;
    notes.put(2, "bad");
    notes.flush();
    long id = onlyParked().id();
    Path file = onlyFile(directory.resolve("parked"));
    Path kept = Files.move(file, directory.resolve("kept"));
    Files.createDirectories(file.resolve("such as cannot be deleted"));
    assertThrows(JournalException.class, () -> cache.parked().discard(id));
    assertEquals(id, onlyParked().id());
    Files.delete(file.resolve("such as cannot be deleted"));
    Files.delete(file);
    Files.move(kept, file);
    cache.parked().discard(id);
    assertNull(notes.get(2));
    crash();
    assertEquals(List.of(), cache.parked().list());
  }

  private static Path onlyFile(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(each -> each.toString().endsWith(".parked")).findFirst().orElseThrow();
    }
  }

  /** People mend what is parked while the flusher adds to it. */
  @Test
  void p6_a_retry_loses_no_change_that_joins_what_is_parked_meanwhile() throws Exception {
    database.refuses = value -> true;
    notes.put(2, "0");
    notes.flush();
    long id = onlyParked().id();
    int rounds = 300;
    CompletableFuture<Void> people =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < rounds; i++) {
                cache.parked().retry(id).join();
              }
            });
    for (int i = 1; i <= rounds; i++) {
      notes.put(2, Integer.toString(i));
      notes.flush();
      assertEquals(Integer.toString(i), onlyParked().value());
    }
    people.get(30, TimeUnit.SECONDS);
    database.refuses = value -> false;
    assertNull(cache.parked().retry(id).join());
    assertEquals(Integer.toString(rounds), table.select(2));
  }

  @Test
  void p6_what_is_being_retried_cannot_be_mended_and_is_applied_once() throws Exception {
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 30L));
    Keyspace<Integer, Row> keyspace = people();
    database.refuses = value -> true;
    keyspace.put(1, add(5));
    cache.flush();
    long id = onlyParked().id();
    database.refuses = value -> false;
    database.commits.close();
    CompletableFuture<ParkedChange> first = cache.parked().retry(id);
    database.commits.awaitHeld(1);
    CompletableFuture<ParkedChange> second = cache.parked().retry(id);
    assertThrows(LimitException.class, () -> cache.parked().retry(id, add(1)));
    assertThrows(LimitException.class, () -> cache.parked().discard(id));
    database.commits.open();
    assertNull(first.get(30, TimeUnit.SECONDS));
    assertNull(second.get(30, TimeUnit.SECONDS));
    assertEquals(35L, Objects.requireNonNull(people.select(1)).get("age"));
    assertEquals(0, cache.parked().size());
  }

  @Test
  void p2_a_transaction_over_two_keyspaces_is_flushed_whole() {
    Keyspace<Integer, Row> keyspace = people();
    cache.transaction(
        tx -> {
          tx.put(notes, 1, "a");
          tx.put(keyspace, 1, Row.ofAll(COLUMNS, 1L, "Ann", 1L));
        });
    cache.flush();
    assertEquals(List.of(2), database.commitSizes);
  }

  @Test
  void compute_if_absent_asks_the_store_before_it_creates() {
    table.insert(1, "there");
    assertEquals("there", notes.computeIfAbsent(1, key -> "made"));
    assertEquals("made", notes.computeIfAbsent(2, key -> "made"));
    assertEquals("made!", notes.update(2, value -> value + "!"));
    notes.flush();
    assertEquals("made!", table.select(2));
    assertEquals("there", table.select(1));
  }

  @Test
  void a_write_can_wait_for_the_store() {
    notes.untilStored().put(1, "a");
    assertEquals("a", table.select(1));
  }

  @Test
  void nothing_is_flushed_before_every_keyspace_with_changes_is_open_or_forgotten() {
    people().put(1, Row.ofAll(COLUMNS, 1L, "Ann", 1L));
    notes.put(1, "a");
    crash();
    notes = notes(LATE);
    ConfigurationException e = assertThrows(ConfigurationException.class, () -> notes.flush());
    assertTrue(String.valueOf(e.getMessage()).contains("[people]"), e.getMessage());
    assertEquals(1, cache.forget("people"));
    notes.flush();
    assertEquals("a", table.select(1));
    assertNull(people.select(1));
  }

  @Test
  void a_keyspace_that_was_flushed_and_closed_in_good_order_need_not_be_opened_again() {
    people().put(1, Row.ofAll(COLUMNS, 1L, "Ann", 1L));
    cache.flush();
    notes.put(1, "a");
    crash();
    notes = notes(LATE);
    notes.flush();
    assertEquals("a", table.select(1));
  }

  /** What the journal says of how far it had got is not so any more. */
  @Test
  void p1_aDatabaseFromABackupGetsTheChangesOfAllItsKeyspaces() {
    people().put(1, Row.ofAll(COLUMNS, 1L, "Ann", 1L));
    notes.put(1, "a");
    cache.flush();
    String log = cache.writeBehind().get(0).log();
    cache.close();
    table.insert(1, "before");
    people.insert(1, Row.ofAll(COLUMNS, 1L, "before", 0L));
    database.set(log, new Claim(1, 0));
    cache = opened();
    notes = notes(LATE);
    ConfigurationException e = assertThrows(ConfigurationException.class, () -> notes.flush());
    assertTrue(String.valueOf(e.getMessage()).contains("[people]"), e.getMessage());
    people();
    cache.flush();
    assertEquals("a", table.select(1));
    assertEquals(Row.ofAll(COLUMNS, 1L, "Ann", 1L), people.select(1));
  }

  @Test
  void changes_of_columns_that_are_gone_keep_the_keyspace_closed() {
    people().put(1, Row.ofAll(COLUMNS, 1L, "Ann", 1L));
    crash();
    notes = notes(LATE);
    MemoryDatabase.Table<Row> other = database.table(ValueType.rows(Columns.of("id", "name")));
    KeyspaceBuilder<Integer, Row> builder =
        cache.keyspace("people", Integer.class, Row.class).store(other).writeBehind(LATE);
    ConfigurationException e = assertThrows(ConfigurationException.class, builder::open);
    assertTrue(String.valueOf(e.getMessage()).contains("no column age"), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains("keyspace people: 1 changes"));
    people();
    cache.flush();
    assertNotNull(people.select(1));
  }

  /** Or what comes later of its key would go before it, and a retry would put the older over it. */
  @Test
  void p6_whatIsParkedSurvivesAnOpeningThatFails() {
    database.refuses = value -> value.toString().contains("bad");
    Row all = Row.ofAll(COLUMNS, 1L, "bad", 1L);
    Row some = Row.empty(COLUMNS).with("name", "bad");
    for (Row bad : List.of(all, some)) { // the one does not fit, with the other what waits does not
      Keyspace<Integer, Row> keyspace = people();
      keyspace.put(1, bad);
      cache.flush();
      keyspace.put(2, all.with("name", "Ann"));
      crash();
      notes = notes(LATE);
      MemoryDatabase.Table<Row> other = database.table(ValueType.rows(Columns.of("id", "name")));
      KeyspaceBuilder<Integer, Row> builder =
          cache.keyspace("people", Integer.class, Row.class).store(other).writeBehind(LATE);
      assertThrows(CacheException.class, builder::open);
      keyspace = people();
      assertEquals("bad", Objects.requireNonNull(keyspace.get(1)).get("name"));
      keyspace.put(1, Row.empty(COLUMNS).with("age", 7L));
      cache.flush();
      assertNull(people.select(1));
      cache.parked().discard(onlyParked().id());
      crash();
      notes = notes(LATE);
    }
  }

  @Test
  void a_position_beyond_the_journal_or_before_it_is_refused() {
    notes.put(1, "a");
    notes.flush();
    String log = cache.writeBehind().get(0).log();
    crash();
    database.set(log, new Claim(7, 1_000));
    ConfigurationException e = assertThrows(ConfigurationException.class, () -> notes(LATE));
    assertTrue(String.valueOf(e.getMessage()).contains("older than the database"), e.getMessage());
  }

  @Test
  void p2_a_second_cache_with_the_log_stops_the_first_which_takes_no_more_writes() {
    notes.put(1, "a");
    database.claim(cache.writeBehind().get(0).log());
    assertThrows(StoreAwayException.class, () -> notes.flush());
    assertThrows(StoreAwayException.class, () -> notes.put(2, "b"));
    assertNull(table.select(1));
  }

  @Test
  void a_directory_that_another_cache_has_is_refused() {
    ConfigurationException e = assertThrows(ConfigurationException.class, () -> opened());
    assertTrue(String.valueOf(e.getMessage()).contains("in use"), e.getMessage());
  }

  @Test
  void without_a_directory_there_is_no_write_behind() {
    try (Cachewright other = Cachewright.builder().open()) {
      ConfigurationException e =
          assertThrows(
              ConfigurationException.class,
              () ->
                  other
                      .keyspace("n", Integer.class, String.class)
                      .store(table)
                      .writeBehind()
                      .open());
      assertTrue(String.valueOf(e.getMessage()).contains("directory"), e.getMessage());
    }
  }

  @Test
  void flushes_come_by_themselves() throws Exception {
    cache.close();
    cache = opened();
    notes = notes(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofMillis(1)));
    database.commits.close();
    notes.put(1, "a");
    database.commits.awaitHeld(1);
    database.commits.open();
    notes.async().put(2, "b").get(30, TimeUnit.SECONDS);
    notes.flush();
    assertEquals("b", table.select(2));
  }
}
