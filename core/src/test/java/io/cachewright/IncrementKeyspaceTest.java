// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.engine.Log;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is added to columns under write-behind, by several and once each. */
class IncrementKeyspaceTest extends WriteBehindFixture {

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

  /** A new row of which only other columns were said: what is read must not be the increment. */
  @Test
  void p3_whatIsAddedToAColumnThatNobodyHasSaidIsANumber() throws Exception {
    Keyspace<Integer, Row> keyspace = people();
    keyspace.put(1, Row.empty(COLUMNS).with("id", 1L).with("name", "Ann"));
    assertFalse(Objects.requireNonNull(keyspace.get(1)).has("age"));
    keyspace.put(1, add(2)); // over the entry that was read
    assertEquals(2L, age(keyspace, 1));
    keyspace.put(1, add(3));
    assertEquals(5L, age(keyspace, 1));
    keyspace.evict(1); // what waits, over nothing
    assertEquals(5L, age(keyspace, 1));
    database.commits.close();
    CompletableFuture<Void> flushed = CompletableFuture.runAsync(cache::flush);
    database.commits.awaitHeld(1);
    keyspace.put(1, add(4)); // in a later flush
    keyspace.evict(1);
    assertEquals(9L, age(keyspace, 1));
    database.commits.open();
    flushed.join();
    cache.flush();
    keyspace.evict(1);
    assertEquals(9L, age(keyspace, 1));
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

  /** Together they are what is parked of the key, which no flush could make any more. */
  @Test
  void p6_anIncrementThatDoesNotFitOnWhatIsParkedIsRefused() {
    database.refuses = value -> value.toString().contains("bad");
    Keyspace<Integer, Row> keyspace = people();
    keyspace.put(1, add(Long.MAX_VALUE).with("name", "bad"));
    cache.flush();
    assertEquals(1, cache.parked().size());
    keyspace.evict(1);
    assertThrows(BadValueException.class, () -> keyspace.put(1, add(1)));
    keyspace.put(1, add(-1));
    keyspace.put(2, add(5));
    cache.flush();
    assertEquals(5L, Objects.requireNonNull(people.select(2)).get("age"));
    cache.parked().discard(onlyParked().id());
    keyspace.put(1, add(1));
  }

  /** Together they are what waits of the key after a restart, when they come in one flush. */
  @Test
  void p1_anIncrementThatDoesNotFitOnWhatWaitsForAnEarlierFlushIsRefused() throws Exception {
    Keyspace<Integer, Row> keyspace = people();
    keyspace.put(1, add(-Long.MAX_VALUE));
    database.commits.close();
    Log log = Objects.requireNonNull(cache.engine().log());
    CompletableFuture<Void> first = log.flush();
    database.commits.awaitHeld(1);
    keyspace.put(1, add(Long.MAX_VALUE));
    CompletableFuture<Void> second = log.flush();
    assertThrows(BadValueException.class, () -> keyspace.put(1, add(1)));
    keyspace.put(1, add(-1));
    database.commits.open();
    first.get(10, TimeUnit.SECONDS);
    second.get(10, TimeUnit.SECONDS);
    crash();
    assertEquals(-1L, age(people(), 1));
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
}
