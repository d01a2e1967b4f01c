// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Write-behind from the caller's side, over a database in memory and a journal on disk. */
@Timeout(60)
class WriteBehindKeyspaceTest {
  /** So that nothing is flushed unless a test asks for it. */
  private static final WriteBehindOptions LATE =
      WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1));

  private static final Columns COLUMNS = Columns.of("id", "name", "age");

  @TempDir Path directory;
  private final MemoryDatabase database = new MemoryDatabase();
  private final MemoryDatabase.Table<String> table = database.table();
  private final MemoryDatabase.Table<Row> people = database.table(ValueType.rows(COLUMNS));
  private Cachewright cache;
  private Keyspace<Integer, String> notes;

  @BeforeEach
  void open() {
    cache = opened();
    notes = notes(LATE);
  }

  private Cachewright opened() {
    return Cachewright.builder().directory(directory).drain(Duration.ZERO).open();
  }

  private Keyspace<Integer, String> notes(WriteBehindOptions options) {
    return cache
        .keyspace("notes", Integer.class, String.class)
        .store(table)
        .writeBehind(options)
        .open();
  }

  private Keyspace<Integer, Row> people() {
    return cache
        .keyspace("people", Integer.class, Row.class)
        .store(people)
        .writeBehind(LATE)
        .open();
  }

  @AfterEach
  void close() {
    database.commits.open();
    database.away = false;
    cache.close();
  }

  /** Ends it without a flush. */
  private void crash() {
    cache.close();
    cache = opened();
  }

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

  /** While a flush runs, its changes may be both in what waits and in what is parked. */
  @Test
  void p3_what_joins_a_parked_increment_is_shown_once() throws Exception {
    database.refuses = value -> value.toString().contains("bad");
    Keyspace<Integer, Row> keyspace = people();
    keyspace.put(1, add(2).with("name", "bad"));
    cache.flush();
    keyspace.put(1, add(3));
    database.commits.close();
    CompletableFuture<Void> flushed = CompletableFuture.runAsync(cache::flush);
    database.commits.awaitHeld(1);
    keyspace.evict(1);
    assertEquals(5L, age(keyspace, 1));
    database.commits.open();
    flushed.get(10, TimeUnit.SECONDS);
    keyspace.evict(1);
    assertEquals(5L, age(keyspace, 1));
  }

  @Test
  void p3_a_load_between_a_commit_and_its_answer_adds_nothing_twice() throws Exception {
    Keyspace<Integer, Row> keyspace = people();
    people.insert(1, Row.empty(COLUMNS).with("id", 1).with("name", "Ann").with("age", 10L));
    keyspace.put(1, add(2));
    database.committed.close();
    CompletableFuture<Void> flushed = CompletableFuture.runAsync(cache::flush);
    database.committed.awaitHeld(1);
    keyspace.evict(1);
    int loads = database.loadSizes.size();
    CompletableFuture<Object> read = CompletableFuture.supplyAsync(() -> age(keyspace, 1));
    while (database.loadSizes.size() == loads) {
      assertFalse(Thread.interrupted(), "nothing was loaded");
    }
    database.committed.open();
    assertEquals(12L, read.get(10, TimeUnit.SECONDS));
    flushed.get(10, TimeUnit.SECONDS);
    assertEquals(12L, age(keyspace, 1));
  }

  /** Laid over the end of a history, it would have the store refuse the same step again. */
  @Test
  void p6_what_is_mended_goes_through_where_changes_are_not_coalesced() {
    database.refuses = value -> value.toString().contains("bad");
    Keyspace<Integer, Row> keyspace =
        cache
            .keyspace("people", Integer.class, Row.class)
            .store(people)
            .writeBehind(LATE.withCoalesce(false))
            .open();
    keyspace.put(1, add(2));
    keyspace.put(1, Row.empty(COLUMNS).with("name", "bad"));
    keyspace.put(1, add(3));
    cache.flush();
    Row mend = Row.empty(COLUMNS).with("name", "Bea");
    assertNull(cache.parked().retry(onlyParked().id(), mend).join());
    assertEquals(5L, Objects.requireNonNull(people.select(1)).get("age"));
    assertEquals("Bea", Objects.requireNonNull(people.select(1)).get("name"));
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

  private ParkedChange onlyParked() {
    assertEquals(1, cache.parked().size());
    return cache.parked().list().get(0);
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
  void p1_increments_add_up_with_those_of_others_and_each_comes_once() {
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 30L));
    Keyspace<Integer, Row> keyspace = people();
    keyspace.put(1, add(2));
    keyspace.put(1, add(3));
    assertEquals(35L, age(keyspace, 1));
    keyspace.put(2, add(7));
    assertEquals(7L, age(keyspace, 2), "over nothing");
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 40L)); // another adds 10
    keyspace.evictAll();
    assertEquals(45L, age(keyspace, 1));
    crash();
    keyspace = people();
    notes = notes(LATE);
    assertEquals(45L, age(keyspace, 1));
    cache.flush();
    cache.flush();
    crash();
    keyspace = people();
    assertEquals(45L, age(keyspace, 1));
    assertEquals(45L, Objects.requireNonNull(people.select(1)).get("age"));
  }

  @Test
  void an_increment_beyond_what_a_column_holds_is_refused_and_leaves_no_trace() {
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 30L));
    Keyspace<Integer, Row> keyspace = people();
    assertEquals(30L, age(keyspace, 1));
    assertThrows(BadValueException.class, () -> keyspace.put(1, add(Long.MAX_VALUE)));
    keyspace.put(2, add(Long.MAX_VALUE));
    assertThrows(BadValueException.class, () -> keyspace.put(2, add(1)));
    keyspace.put(1, add(1));
    assertEquals(31L, age(keyspace, 1));
    assertEquals(2, cache.writeBehind().get(0).changes());
  }

  @Test
  void p1_a_transaction_may_add_to_a_row_more_than_once_and_is_refused_as_a_whole() {
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 30L));
    Keyspace<Integer, Row> keyspace = people();
    cache.transaction(
        work -> {
          work.put(keyspace, 1, add(2));
          work.put(keyspace, 1, Row.empty(COLUMNS).with("name", "Bea"));
          work.put(keyspace, 1, add(3));
          work.put(keyspace, 2, add(5));
          work.remove(keyspace, 2);
          work.put(keyspace, 2, add(7));
        });
    assertEquals(35L, age(keyspace, 1));
    for (int key : List.of(1, 2, 3)) { // over what is cached, after a removal, over nothing
      assertThrows(
          BadValueException.class,
          () ->
              cache.transaction(
                  work -> {
                    work.put(keyspace, key, add(Long.MAX_VALUE - 40));
                    work.put(keyspace, key, add(40));
                    work.put(keyspace, key, add(1));
                  }));
    }
    assertEquals(35L, age(keyspace, 1));
    assertEquals(6, cache.writeBehind().get(0).changes());
    cache.flush();
    assertEquals(Row.ofAll(COLUMNS, 1L, "Bea", 35L), people.select(1));
    assertEquals(7L, Objects.requireNonNull(people.select(2)).get("age"));
    assertNull(people.select(3));
  }

  @Test
  void a_row_on_which_an_increment_does_not_fit_is_an_error_to_who_reads_it() throws Exception {
    Keyspace<Integer, Row> keyspace = people();
    keyspace.put(1, add(1));
    people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", Long.MAX_VALUE)); // by another
    people.insert(2, Row.ofAll(COLUMNS, 2L, "Bob", 1L));
    CompletableFuture<Row> read = keyspace.async().get(1);
    Exception e = assertThrows(Exception.class, () -> read.get(10, TimeUnit.SECONDS));
    assertTrue(e.getCause() instanceof BadValueException, e.toString());
    assertEquals(1L, age(keyspace, 2));
  }

  private static Row add(long by) {
    return Row.empty(COLUMNS).with("age", Increment.of(by));
  }

  private static Object age(Keyspace<Integer, Row> keyspace, int key) {
    return Objects.requireNonNull(Objects.requireNonNull(keyspace.get(key)).get("age"));
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
