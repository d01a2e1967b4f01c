// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Times of more nanoseconds than a number has: "for ever", as people say it. */
@Timeout(60)
class DurationsTest {
  private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

  private final MemoryDatabase database = new MemoryDatabase();
  private final MemoryDatabase.Table<String> table = database.table();

  @Test
  void p7_whoWaitsForEverForRoomGetsIt() throws Exception {
    KeyspaceOptions narrow =
        KeyspaceOptions.DEFAULT.toBuilder()
            .loadBatchMax(1)
            .loadLanes(1)
            .waitingMax(1)
            .waitMax(FOR_EVER)
            .build();
    try (Cachewright cache = Cachewright.builder().open();
        Clients clients = new Clients()) {
      Keyspace<Integer, String> users =
          cache
              .keyspace("users", Integer.class, String.class)
              .options(narrow)
              .readThrough()
              .store(table)
              .open();
      table.insert(3, "Ann");
      database.loads.close();
      CompletableFuture<String> runs = users.async().get(1);
      database.loads.awaitHeld(1);
      CompletableFuture<String> waits = users.async().get(2);
      Future<String> third = clients.start(() -> users.get(3));
      Awaitility.await().until(() -> users.stats().misses() == 3);
      database.loads.open();
      assertThat(Clients.end(runs)).isNull();
      assertThat(Clients.end(waits)).isNull();
      assertThat(Clients.end(third)).isEqualTo("Ann");
      assertThat(Clients.end(users.async().get(3))).isEqualTo("Ann");
    }
  }

  @Test
  void p1_aCloseThatMayDrainForEverDrainsAndCloses(@TempDir Path directory) {
    try (Cachewright cache = Cachewright.builder().directory(directory).drain(FOR_EVER).open()) {
      Keyspace<Integer, String> users =
          cache
              .keyspace("users", Integer.class, String.class)
              .store(table)
              .writeBehind(WriteBehindFixture.LATE)
              .open();
      users.put(1, "Ann");
    }
    assertThat(table.select(1)).isEqualTo("Ann");
    Cachewright.builder().directory(directory).open().close(); // nobody has the directory any more
  }
}
