// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.engine.Log;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What goes wrong beside or in a flush that is nobody's change's fault. */
class WriteBehindFaultsTest extends WriteBehindFixture {

  @Test
  void p6_anErrorInAFlushIsTriedAgain() {
    AtomicBoolean fails = new AtomicBoolean(true);
    database.refuses =
        value -> {
          if (fails.getAndSet(false)) {
            throw new OutOfMemoryError("as if");
          }
          return false;
        };
    notes.put(1, "a");
    notes.flush();
    assertThat(table.select(1)).isEqualTo("a");
    notes.put(1, "b");
    notes.flush();
    assertThat(table.select(1)).isEqualTo("b");
  }

  /** A load that has to wait for the outcome of a flush, led by a thread that is interrupted. */
  @Test
  void p8_whoIsInterruptedWhileItLoadsForOthersHarmsNobody() throws Exception {
    Keyspace<Integer, Row> people = people();
    people.put(1, Row.empty(COLUMNS).with("id", 1L).with("name", "Ann").with("age", 1L));
    people.flush();
    people.put(1, Row.empty(COLUMNS).with("age", 2L));
    people.evict(1);
    database.committed.close();
    CompletableFuture<Void> flush = CompletableFuture.runAsync(people::flush);
    database.committed.awaitHeld(1);
    database.loads.close();
    try (Clients clients = new Clients()) {
      Future<String> interrupted =
          clients.start(
              () -> {
                Thread.currentThread().interrupt();
                Row row = people.get(1);
                return row.get("age") + ", interrupted " + Thread.interrupted();
              });
      database.loads.awaitHeld(1);
      CompletableFuture<Row> other = people.async().get(1);
      database.loads.open();
      database.committed.open();
      assertThat(Clients.end(other)).extracting(row -> row.get("age")).isEqualTo(2L);
      assertThat(Clients.end(interrupted)).isEqualTo("2, interrupted true");
    } finally {
      database.loads.open();
      database.committed.open();
    }
    Clients.end(flush);
  }

  @Test
  void p8_aFlushThatHangsDoesNotHoldUpTheEndForEver() throws Exception {
    database.commits.close();
    notes.put(1, "a");
    CompletableFuture<Void> flush = CompletableFuture.runAsync(notes::flush);
    database.commits.awaitHeld(1);
    try (Clients clients = new Clients()) {
      Clients.end(
          clients.start(
              () -> {
                cache.close();
                return 0;
              }));
    }
    assertThat(table.select(1)).isNull();
    database.commits.open(); // the flush goes on, and may be in time
    cache = opened();
    notes = notes(LATE);
    notes.flush();
    Awaitility.await().until(() -> "a".equals(table.select(1)));
    assertToldOfTheEnd(flush);
  }

  @Test
  void p8_whoWaitsForAFlushWhenTheCacheIsClosedIsTold() {
    database.away = true;
    CompletableFuture<Void> stored = notes.untilStored().async().put(1, "a");
    Awaitility.await().until(() -> cache.writeBehind().get(0).changes() == 1);
    CompletableFuture<Void> flush = CompletableFuture.runAsync(notes::flush);
    cache.close();
    assertToldOfTheEnd(stored);
    assertToldOfTheEnd(flush);
    database.away = false;
    cache = opened();
    notes = notes(LATE);
    notes.flush();
    assertThat(table.select(1)).isEqualTo("a");
  }

  private static void assertToldOfTheEnd(CompletableFuture<Void> waiter) {
    assertThatThrownBy(() -> Clients.end(waiter))
        .cause()
        .isInstanceOf(StoreAwayException.class)
        .hasMessageStartingWith("the cache is closed. log ")
        .hasMessageEndingWith(
            ": 1 changes wait in the journal, and will be flushed after the next start");
  }

  /** As after a crash, while the database is away and its keyspaces cannot be opened. */
  @Test
  void p1_whatWaitsForItsKeyspaceIsNotTakenForStored() {
    notes.put(1, "a");
    crash();
    Log log = Objects.requireNonNull(cache.engine().log());
    assertThat(log.whenStored()).isNotDone();
    notes = notes(LATE);
    notes.flush();
    assertThat(log.whenStored()).isCompleted();
  }

  /** And does not wait for ever. */
  @Test
  void p6_aRetryIsRefusedWhileNothingCanBeFlushed() {
    database.refuses = "bad"::equals;
    notes.put(1, "bad");
    notes.flush();
    people().put(1, Row.ofAll(COLUMNS, 1L, "Ann", 1L));
    crash();
    notes = notes(LATE);
    CompletableFuture<ParkedChange> retry = cache.parked().retry(onlyParked().id());
    assertThat(retry).isCompletedExceptionally();
    assertThatThrownBy(retry::join).hasMessageContaining("[people]");
  }

  /** As many as do not become one with those before. */
  @Test
  void p7_whatJoinsAParkedChangeIsBoundedToo() {
    database.refuses = value -> value.toString().startsWith("bad");
    Keyspace<Integer, String> others =
        cache
            .keyspace("others", Integer.class, String.class)
            .store(database.<String>table())
            .writeBehind(LATE.withCoalesce(false))
            .open();
    others.put(1, "bad");
    cache.flush();
    long id = onlyParked().id();
    for (int i = 0; i < 5; i++) {
      others.put(1, "bad".repeat(5_000_000));
    }
    CompletableFuture<Void> flush = Objects.requireNonNull(cache.engine().log()).flush();
    Awaitility.await().until(() -> cache.writeBehind().get(0).failing() != null);
    assertThat(cache.writeBehind().get(0).failing()).hasMessageContaining("are parked");
    database.refuses = value -> false;
    cache.parked().discard(id);
    flush.join();
  }
}
