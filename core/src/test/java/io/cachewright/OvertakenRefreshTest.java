// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A refresh tells the cache of what another program has written. */
class OvertakenRefreshTest extends WriteBehindFixture {

  @Test
  void whatARefreshFindsIsNotLostToAnExpire() throws Exception {
    MemoryDatabase other = new MemoryDatabase();
    MemoryDatabase.Table<String> t = other.table();
    Keyspace<Integer, String> keyspace =
        cache.keyspace("users", Integer.class, String.class).readThrough().store(t).open();
    t.insert(1, "old");
    assertThat(keyspace.get(1)).isEqualTo("old");
    t.insert(1, "new");
    other.loads.close();
    CompletableFuture<String> refresh = keyspace.async().refresh(1);
    other.loads.awaitHeld(1);
    keyspace.expire(1, Duration.ofHours(1));
    other.loads.open();
    assertThat(Clients.end(refresh)).isEqualTo("new");
    assertThat(keyspace.get(1)).isEqualTo("new");
  }

  @Test
  void norToAChangeThatWaits() throws Exception {
    Keyspace<Integer, Row> people = people();
    this.people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 10L));
    people.get(1);
    this.people.insert(1, Row.ofAll(COLUMNS, 1L, "Ann", 20L));
    database.loads.close();
    CompletableFuture<Row> refresh = people.async().refresh(1);
    database.loads.awaitHeld(1);
    people.put(1, Row.empty(COLUMNS).with("name", "Ben"));
    database.loads.open();
    Row told = Clients.end(refresh);
    assertThat(people.get(1).get("name")).isEqualTo("Ben");
    assertThat(people.get(1).get("age")).isEqualTo(20L);
    assertThat(told.get("age")).isEqualTo(20L);
  }
}
