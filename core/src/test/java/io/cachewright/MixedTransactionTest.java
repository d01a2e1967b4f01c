// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.cachewright.store.ValueType;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions of which a part is in memory only, and does not fit. */
class MixedTransactionTest extends WriteBehindFixture {
  private final MemoryDatabase.Table<String> other = new MemoryDatabase().table();
  private Keyspace<Integer, Row> plain;

  @BeforeEach
  void fill() {
    plain =
        cache
            .keyspace("plain", Integer.class, Row.class)
            .values(ValueType.rows(COLUMNS))
            .lookAside()
            .open();
    plain.put(1, Row.ofAll(COLUMNS, 1L, "Ann", 1L));
    plain.put(2, Row.ofAll(COLUMNS, 2L, "Ben", Long.MAX_VALUE));
  }

  @Test
  void p4_ofChangesInMemoryAllAreMadeOrNone() {
    assertThatThrownBy(
            () ->
                cache.transaction(
                    unit -> {
                      unit.put(plain, 1, add(1));
                      unit.put(plain, 2, add(1));
                    }))
        .isInstanceOf(BadValueException.class);
    assertThat(age(plain, 1)).isEqualTo(1L);
    assertThat(age(plain, 2)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void p4_whatOneOfThemLeavesTheNextHasToFitOn() {
    cache.transaction(
        unit -> {
          unit.put(plain, 2, add(-5));
          unit.put(plain, 2, add(5));
          unit.remove(plain, 1);
          unit.put(plain, 1, add(7));
        });
    assertThat(age(plain, 2)).isEqualTo(Long.MAX_VALUE);
    assertThat(age(plain, 1)).isEqualTo(7L);
  }

  @Test
  void p4_whatDoesNotFitInMemoryIsNotLoggedEither() {
    Keyspace<Integer, Row> logged = people();
    logged.put(1, Row.ofAll(COLUMNS, 1L, "Cid", 1L));
    assertThatThrownBy(
            () ->
                cache.transaction(
                    unit -> {
                      unit.put(logged, 1, Row.empty(COLUMNS).with("name", "Dan"));
                      unit.put(plain, 2, add(1));
                    }))
        .isInstanceOf(BadValueException.class);
    assertThat(logged.get(1).get("name")).isEqualTo("Cid");
    crash();
    people().flush();
    assertThat(Objects.requireNonNull(people.select(1)).get("name")).isEqualTo("Cid");
  }

  @Test
  void p4_orCommitted() throws Exception {
    Throwable told = ofGuiltyOne(() -> {});
    assertThat(told).isInstanceOf(BadValueException.class);
    assertThat(other.select(2)).isNull();
  }

  @Test
  void p4_whatFitsNoMoreIsUnknownToItsWriterAlone() throws Exception {
    plain.put(2, Row.ofAll(COLUMNS, 2L, "Ben", 1L));
    Throwable told = ofGuiltyOne(() -> plain.put(2, Row.ofAll(COLUMNS, 2L, "Ben", Long.MAX_VALUE)));
    assertThat(told)
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("in memory only, did not fit by then: column age");
    assertThat(other.select(2)).isEqualTo("guilty");
  }

  /** What its writer is told, while another of the same batch is told that it is committed. */
  private Throwable ofGuiltyOne(Runnable meanwhile) throws Exception {
    Keyspace<Integer, String> through =
        cache.keyspace("through", Integer.class, String.class).writeThrough().store(other).open();
    MemoryDatabase of = (MemoryDatabase) other.group();
    of.commits.close();
    CompletableFuture<Void> first = through.async().put(1, "first");
    of.commits.awaitHeld(1);
    try (Clients clients = new Clients()) {
      Future<Throwable> guilty =
          clients.start(
              () ->
                  catchThrowable(
                      () ->
                          cache.transaction(
                              unit -> {
                                unit.put(through, 2, "guilty");
                                unit.put(plain, 2, add(1));
                              })));
      Awaitility.await().until(() -> through.stats().writes() == 2 || guilty.isDone());
      CompletableFuture<Void> innocent = through.async().put(3, "innocent");
      meanwhile.run();
      of.commits.open();
      Clients.end(first);
      Clients.end(innocent);
      assertThat(through.get(3)).isEqualTo("innocent");
      return Clients.end(guilty);
    }
  }
}
