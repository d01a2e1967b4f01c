// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.store.ValueType;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Rows of which the store computes a part, under write-behind. */
class ComputedColumnsTest extends WriteBehindFixture {
  private final MemoryDatabase.Table<Row> computed =
      database.table(ValueType.rows(COLUMNS, /* computed= */ true));

  private Keyspace<Integer, Row> rows() {
    return cache
        .keyspace("rows", Integer.class, Row.class)
        .store(computed)
        .writeBehind(LATE)
        .open();
  }

  private static Row row(long id, String name, long age) {
    return Row.ofAll(COLUMNS, id, name, age);
  }

  @Test
  void p2_afterTheFlushTheCacheShowsWhatTheStoreMadeOfIt() {
    Keyspace<Integer, Row> rows = rows();
    computed.insert(1, row(1, "Ann", 10));
    rows.get(1);
    rows.put(1, Row.empty(COLUMNS).with("name", "Ben"));
    assertThat(rows.get(1)).extracting(row -> row.get("name")).isEqualTo("Ben"); // P3
    rows.flush();
    computed.insert(1, row(1, "Ben", 20)); // as if computed
    assertThat(rows.get(1)).extracting(row -> row.get("age")).isEqualTo(20L);
  }

  /** Its own flush comes, too. */
  @Test
  void p3_aChangeThatCameAfterTheFlushBeganIsNotDropped() throws Exception {
    Keyspace<Integer, Row> rows = rows();
    rows.put(1, row(1, "Ann", 10));
    database.commits.close();
    CompletableFuture<Void> flush = CompletableFuture.runAsync(rows::flush);
    database.commits.awaitHeld(1);
    rows.put(1, Row.empty(COLUMNS).with("name", "Ben"));
    database.commits.open();
    Clients.end(flush);
    assertThat(rows.peek(1)).isNotNull().extracting(row -> row.get("name")).isEqualTo("Ben");
    rows.flush();
    assertThat(rows.peek(1)).isNull();
    assertThat(rows.get(1)).extracting(row -> row.get("name")).isEqualTo("Ben");
  }

  @Test
  void p2_soItDoesAfterAParkedChangeWasRetried() {
    Keyspace<Integer, Row> rows = rows();
    database.refuses = value -> true;
    rows.put(1, row(1, "Ann", 10));
    rows.flush();
    assertThat(rows.get(1).get("age")).isEqualTo(10L);
    database.refuses = value -> false;
    assertThat(cache.parked().retry(onlyParked().id()).join()).isNull();
    computed.insert(1, row(1, "Ann", 20L)); // as if computed
    assertThat(rows.get(1).get("age")).isEqualTo(20L);
  }
}
