// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.Clients;
import io.cachewright.Keyspace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class UpkeepTest {
  private static final int ENTRIES = 100;
  private static final int ROUNDS = 20_000;

  /** Whoever asks holds a lock, and what others asked for takes theirs. */
  @Test
  void whoFindsNoThreadDoesItsOwnWorkAndNotThatOfOthers() {
    List<Runnable> threads = new ArrayList<>();
    List<String> done = new ArrayList<>();
    Upkeep upkeep = new Upkeep(threads::add);
    upkeep.soon(() -> done.add("other's"));
    upkeep.close();
    upkeep.soon(() -> done.add("own"));
    assertThat(done).containsExactly("own");
    assertThat(threads).hasSize(1);
    threads.get(0).run();
    assertThat(done).containsExactly("own", "other's");
  }

  /** Of a closed cache what is in memory can be read, whatever is read beside it. */
  @Test
  void readersOfSeveralKeyspacesOfAClosedCacheDoNotHoldEachOtherUp() throws Exception {
    Cachewright cache = Cachewright.builder().open();
    List<Keyspace<Integer, Integer>> full = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Keyspace<Integer, Integer> keyspace =
          cache
              .keyspace("numbers" + i, Integer.class, Integer.class)
              .lookAside()
              .maximumSize(ENTRIES)
              .open();
      for (int key = 0; key < ENTRIES; key++) {
        keyspace.put(key, key);
      }
      full.add(keyspace);
    }
    cache.close();
    try (Clients clients = new Clients()) {
      List<Future<Boolean>> readers = new ArrayList<>();
      full.forEach(keyspace -> readers.add(clients.start(() -> readAll(keyspace))));
      for (Future<Boolean> reader : readers) {
        assertThat(Clients.end(reader)).isTrue();
      }
    }
  }

  private static boolean readAll(Keyspace<Integer, Integer> keyspace) {
    for (int round = 0; round < ROUNDS; round++) {
      for (int key = 0; key < ENTRIES; key++) {
        keyspace.get(key);
      }
    }
    return true;
  }
}
