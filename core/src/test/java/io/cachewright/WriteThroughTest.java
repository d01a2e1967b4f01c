// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.store.ValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteThroughTest {
  private final HandClock clock = new HandClock();
  private final MemoryDatabase database = new MemoryDatabase();
  private final MemoryDatabase.Table<String> table = database.table();
  private final Cachewright cache = Cachewright.builder().clock(clock).open();
  private final Keyspace<Integer, String> keyspace =
      cache.keyspace("users", Integer.class, String.class).writeThrough().store(table).open();

  @AfterEach
  void close() {
    database.loads.open();
    database.commits.open();
    cache.close();
  }

  @Test
  void p4_anAcknowledgementMeansCommitted() {
    keyspace.put(1, "one");
    assertThat(table.select(1)).isEqualTo("one");
    assertThat(keyspace.peek(1)).isEqualTo("one");
    assertThat(keyspace.remove(1)).isTrue();
    assertThat(table.select(1)).isNull();
    assertThat(keyspace.get(1)).isNull();
    assertThat(database.loadSizes).isEmpty(); // it is known that there is none
    assertThat(keyspace.remove(1)).isFalse();
  }

  @Test
  void p3_nobodySeesAValueBeforeItIsCommitted() throws Exception {
    keyspace.put(1, "old");
    database.commits.close();
    CompletableFuture<Void> write = keyspace.async().put(1, "new");
    database.commits.awaitHeld(1);
    assertThat(keyspace.get(1)).isEqualTo("old");
    database.commits.open();
    write.join();
    assertThat(keyspace.get(1)).isEqualTo("new");
  }

  /**
   * A load may have answered the last value already. Whoever puts a value into the cache weighs it.
   */
  @Test
  void p3_ofSeveralWritesOfAKeyInOneBatchOnlyTheLastIsEverInTheCache() throws Exception {
    List<String> weighed = Collections.synchronizedList(new ArrayList<>());
    Keyspace<Integer, String> notes =
        cache
            .keyspace("notes", Integer.class, String.class)
            .writeThrough()
            .store(database.table(new Weighing(weighed::add)))
            .open();
    database.commits.close();
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    writes.add(notes.async().put(9, "in the way"));
    database.commits.awaitHeld(1);
    List.of("first", "second", "last").forEach(value -> writes.add(notes.async().put(1, value)));
    database.commits.open();
    writes.forEach(CompletableFuture::join);
    assertThat(database.commitSizes).containsExactly(1, 3);
    assertThat(weighed).containsExactly("in the way", "last");
    assertThat(notes.peek(1)).isEqualTo("last");
  }

  @Test
  void p4_aRefusedWriteChangesNeitherTheStoreNorTheCache() {
    keyspace.put(1, "good");
    database.refuses = "bad"::equals;
    assertThatThrownBy(() -> keyspace.put(1, "bad"))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.code()).isEqualTo("23514"));
    assertThat(keyspace.peek(1)).isEqualTo("good");
    assertThat(table.select(1)).isEqualTo("good");
    assertThat(keyspace.stats().writeErrors()).isEqualTo(1);
  }

  @Test
  void p4_inABatchOfConcurrentWritersOnlyTheGuiltyFails() throws Exception {
    database.refuses = value -> value.equals("bad");
    database.commits.close();
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    writes.add(keyspace.async().put(1_000, "first"));
    database.commits.awaitHeld(1);
    for (int key = 0; key < 100; key++) {
      writes.add(keyspace.async().put(key, key == 37 || key == 73 ? "bad" : "v" + key));
    }
    database.commits.open();
    for (int key = 0; key < 100; key++) {
      CompletableFuture<Void> write = writes.get(key + 1);
      if (key == 37 || key == 73) {
        assertThatThrownBy(write::get)
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(RefusedException.class);
        assertThat(table.select(key)).isNull();
        assertThat(keyspace.peek(key)).isNull();
      } else {
        write.get();
        assertThat(table.select(key)).isEqualTo("v" + key);
        assertThat(keyspace.peek(key)).isEqualTo("v" + key);
      }
    }
    assertThat(database.commitSizes.size()).isLessThan(40); // halves, not one by one
  }

  @Test
  void p4_ifTheOutcomeIsUnknownTheEntryLeavesAndTheNextReadAsks() {
    for (boolean made : List.of(true, false)) {
      int key = made ? 1 : 2;
      keyspace.put(key, "old");
      database.nextUnknown = made;
      assertThatThrownBy(() -> keyspace.put(key, "new"))
          .isInstanceOf(OutcomeUnknownException.class);
      assertThat(keyspace.peek(key)).isNull();
      assertThat(keyspace.get(key)).isEqualTo(made ? "new" : "old");
    }
  }

  @Test
  void p4_whatIsReadWhileACommitIsInDoubtDoesNotStay() {
    keyspace.put(1, "old");
    database.nextUnknown = false;
    assertThatThrownBy(() -> keyspace.put(1, "new")).isInstanceOf(OutcomeUnknownException.class);
    assertThat(keyspace.get(1)).isEqualTo("old");
    table.insert(1, "new"); // the server got round to the commit after all
    assertThat(keyspace.get(1)).isEqualTo("new");
    clock.pass(Duration.ofSeconds(30));
    keyspace.get(1);
    int loads = database.loadSizes.size();
    keyspace.get(1);
    assertThat(database.loadSizes).hasSize(loads); // no longer in doubt
  }

  @Test
  void p4_awayFailsFastAndChangesNothing() {
    keyspace.put(1, "one");
    database.away = true;
    assertThatThrownBy(() -> keyspace.put(1, "two")).isInstanceOf(StoreAwayException.class);
    assertThat(keyspace.get(1)).isEqualTo("one");
    database.away = false;
    keyspace.put(1, "two");
    assertThat(keyspace.get(1)).isEqualTo("two");
  }

  @Test
  void p5_aSlowLoadOvertakenByAWriteDoesNotFill() throws Exception {
    table.insert(1, "old");
    database.loads.close();
    try (Clients clients = new Clients()) {
      Future<String> slow = clients.start(() -> keyspace.get(1));
      database.loads.awaitHeld(1);
      keyspace.put(1, "new");
      database.loads.open();
      Clients.end(slow);
    }
    assertThat(keyspace.peek(1)).isEqualTo("new");
  }

  @Test
  void writesThatGatherWhileACommitRunsAreCommittedTogether() throws Exception {
    database.commits.close();
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    writes.add(keyspace.async().put(0, "v0"));
    database.commits.awaitHeld(1);
    IntStream.range(1, 500).forEach(key -> writes.add(keyspace.async().put(key, "v" + key)));
    database.commits.open();
    writes.forEach(CompletableFuture::join);
    assertThat(database.commitSizes).containsExactly(1, 499);
  }

  @Test
  void writesOfOneKeyKeepTheirOrder() {
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      writes.add(keyspace.async().put(1, "v" + i));
    }
    writes.forEach(CompletableFuture::join);
    assertThat(table.select(1)).isEqualTo("v999");
    assertThat(keyspace.get(1)).isEqualTo("v999");
  }

  @Test
  void concurrentUpdatesAddUp() throws Exception {
    MemoryDatabase.Table<Integer> numbers = database.table();
    Keyspace<Integer, Integer> counters =
        cache
            .keyspace("counters", Integer.class, Integer.class)
            .writeThrough()
            .store(numbers)
            .maximumSize(1) // entries come and go all the while
            .open();
    try (Clients clients = new Clients()) {
      List<Future<Integer>> all =
          clients.start(
              8,
              () -> {
                for (int i = 0; i < 100; i++) {
                  counters.compute(i % 2, value -> value == null ? 1 : value + 1);
                }
                return 0;
              });
      for (Future<Integer> one : all) {
        Clients.end(one);
      }
    }
    assertThat(numbers.select(0)).isEqualTo(400);
    assertThat(numbers.select(1)).isEqualTo(400);
  }

  @Test
  void anUpdateWaitsForAWriteThatIsBeingCommitted() throws Exception {
    keyspace.put(1, "a");
    database.commits.close();
    CompletableFuture<Void> put = keyspace.async().put(1, "b");
    database.commits.awaitHeld(1);
    CompletableFuture<String> update = keyspace.async().update(1, value -> value + "!");
    database.commits.open();
    put.join();
    assertThat(update.join()).isEqualTo("b!");
    assertThat(table.select(1)).isEqualTo("b!");
  }

  @Test
  void computeIfAbsentTakesWhatAnotherProcessPutMeanwhile() {
    String mine =
        keyspace.computeIfAbsent(
            1,
            key -> {
              table.insert(1, "theirs");
              return "mine";
            });
    assertThat(mine).isEqualTo("theirs");
    assertThat(keyspace.get(1)).isEqualTo("theirs");
    assertThat(keyspace.computeIfAbsent(2, key -> "mine")).isEqualTo("mine");
    assertThat(table.select(2)).isEqualTo("mine");
  }

  @Test
  void aTransactionIsOneInTheStoreAndSparesTheCacheIfRefused() {
    Keyspace<Integer, String> orders =
        cache
            .keyspace("orders", Integer.class, String.class)
            .writeThrough()
            .store(database.<String>table())
            .open();
    Keyspace<String, String> sessions =
        cache.keyspace("sessions", String.class, String.class).open();
    cache.transaction(
        tx -> {
          tx.put(keyspace, 1, "ann");
          tx.put(orders, 7, "tea");
          tx.put(sessions, "s", "ordered");
        });
    assertThat(database.commitSizes).containsExactly(1);
    assertThat(orders.peek(7)).isEqualTo("tea");
    assertThat(sessions.get("s")).isEqualTo("ordered");
    database.refuses = "bad"::equals;
    assertThatThrownBy(
            () ->
                cache.transaction(
                    tx -> {
                      tx.put(sessions, "s", "lost");
                      tx.put(keyspace, 1, "eve");
                      tx.put(orders, 7, "bad");
                    }))
        .isInstanceOf(RefusedException.class);
    assertThat(table.select(1)).isEqualTo("ann");
    assertThat(keyspace.get(1)).isEqualTo("ann");
    assertThat(sessions.get("s")).isEqualTo("ordered");
  }

  @Test
  void storesThatShareNoTransactionAreNotChangedTogether() {
    Keyspace<Integer, String> own =
        cache
            .keyspace("own", Integer.class, String.class)
            .writeThrough()
            .store(new ThrowingStore(13))
            .open();
    assertThatThrownBy(
            () ->
                cache.transaction(
                    tx -> {
                      tx.put(keyspace, 1, "one");
                      tx.put(own, 1, "one");
                    }))
        .isInstanceOf(NotAllowedException.class)
        .hasMessageContaining("users and own");
    own.putAll(Map.of(1, "v1", 2, "v2"));
    assertThat(own.peek(2)).isEqualTo("v2");
    assertThatThrownBy(() -> own.put(13, "x")).isInstanceOf(RefusedException.class);
  }

  @Test
  void p9_anUpdateWritesOnlyTheColumnsThatDiffer() {
    MemoryDatabase.Table<Row> rows = database.rows();
    Columns columns = Columns.of("id", "name", "email");
    Keyspace<Integer, Row> people =
        cache.keyspace("people", Integer.class, Row.class).writeThrough().store(rows).open();
    rows.insert(1, Row.ofAll(columns, 1L, "Ann", "ann@old"));
    people.get(1);
    rows.insert(1, Row.ofAll(columns, 1L, "Ann", "ann@new")); // someone else changes the e-mail
    people.update(1, row -> row.with("name", "Anna"));
    assertThat(rows.select(1)).isEqualTo(Row.ofAll(columns, 1L, "Anna", "ann@new"));
    assertThat(people.peek(1)).isEqualTo(rows.select(1));
    people.put(1, Row.empty(columns).with("name", "Anne"));
    assertThat(people.peek(1)).isEqualTo(Row.ofAll(columns, 1L, "Anne", "ann@new"));
    int commits = database.commitSizes.size();
    people.update(1, row -> row.with("name", "Anne"));
    assertThat(database.commitSizes).hasSize(commits); // nothing differs: nothing is written
  }

  /** As when the stack of the thread that leads the batch is full. */
  @Test
  void p4_anErrorInTheMiddleLeavesTheOutcomeUnknownAndNobodyWaiting() throws Exception {
    keyspace.put(1, "old");
    database.refuses =
        value -> {
          if (value.equals("deep")) {
            throw new StackOverflowError();
          }
          return false;
        };
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> keyspace.put(1, "deep"))
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("may or may not be committed: java.lang.StackOverflowError");
      assertThat(keyspace.peek(1)).isNull();
    }
    keyspace.put(2, "two");
    assertThat(keyspace.update(1, present -> present + "er")).isEqualTo("older");
  }

  @Test
  void aUnitOfWorkIsOverWhenItsTransactionIs() throws Exception {
    UnitOfWork[] kept = new UnitOfWork[1];
    cache.transaction(
        unit -> {
          kept[0] = unit;
          unit.put(keyspace, 1, "one");
          try (Clients clients = new Clients()) {
            Future<?> other =
                clients.start(
                    () -> {
                      unit.put(keyspace, 2, "two");
                      return 0;
                    });
            assertThatThrownBy(() -> Clients.end(other))
                .hasRootCauseInstanceOf(IllegalStateException.class);
          }
        });
    assertThatThrownBy(() -> kept[0].put(keyspace, 1, "late"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("until its transaction ends");
    assertThatThrownBy(() -> kept[0].get(keyspace, 1)).isInstanceOf(IllegalStateException.class);
    assertThat(table.select(1)).isEqualTo("one");
    assertThat(table.select(2)).isNull();
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller should not do
  void anErrorOfAnAsynchronousCallComesByItsFuture() {
    CompletableFuture<String> nothing = keyspace.async().computeIfAbsent(null, key -> "one");
    assertThat(nothing).isCompletedExceptionally();
  }

  /** As when a value's weight cannot be told: its row is committed already. */
  @Test
  void p4_aValueThatTheCacheCannotTakeIsUnknownAndHoldsNobodyUp() {
    Keyspace<Integer, String> notes =
        cache
            .keyspace("notes", Integer.class, String.class)
            .writeThrough()
            .store(database.table(new Weighing(WriteThroughTest::refuseBad)))
            .open();
    assertThatThrownBy(() -> notes.put(1, "bad"))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("too heavy");
    notes.put(2, "good");
    assertThat(notes.peek(2)).isEqualTo("good");
    assertThat(notes.update(1, present -> present.equals("bad") ? "better" : "lost"))
        .isEqualTo("better");
  }

  private static void refuseBad(String value) {
    if (value.equals("bad")) {
      throw new IllegalStateException("too heavy");
    }
  }

  /** Opaque values, and what is done with each when it is weighed. */
  private record Weighing(Consumer<String> weighed) implements ValueType<String> {
    private static final ValueType<String> OPAQUE = ValueType.opaque();

    @Override
    public long bytes(String value) {
      weighed.accept(value);
      return OPAQUE.bytes(value);
    }

    @Override
    public String over(String base, String patch) {
      return OPAQUE.over(base, patch);
    }

    @Override
    public @Nullable String difference(String base, String next) {
      return OPAQUE.difference(base, next);
    }

    @Override
    public boolean isWhole(String value) {
      return OPAQUE.isWhole(value);
    }
  }

  /** The lost statement may come after the one that was acknowledged. */
  @Test
  void p4_aWriteAfterAnUnknownOneIsNotTakenForTheLast() {
    database.nextUnknown = false;
    assertThatThrownBy(() -> keyspace.put(1, "v1")).isInstanceOf(OutcomeUnknownException.class);
    keyspace.put(1, "v2");
    assertThat(keyspace.get(1)).isEqualTo("v2");
    table.insert(1, "v1"); // the server gets round to the lost statement
    assertThat(keyspace.get(1)).isEqualTo("v1");
    clock.pass(Duration.ofDays(1));
    assertThat(keyspace.get(1)).isEqualTo("v1");
  }

  @Test
  void p3_aRefreshInDoubtLeavesNoOlderEntry() {
    database.nextUnknown = false;
    assertThatThrownBy(() -> keyspace.put(1, "v1")).isInstanceOf(OutcomeUnknownException.class);
    keyspace.put(1, "v2");
    table.insert(1, "v3"); // another program, which tells the cache
    assertThat(keyspace.refresh(1)).isEqualTo("v3");
    clock.pass(Duration.ofDays(1));
    assertThat(keyspace.get(1)).isEqualTo("v3");
  }
}
