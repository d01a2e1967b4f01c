// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OvertakenLoadTest {
  private final SlowStore store = new SlowStore();

  /** A store of one row that is held up before its first look, after its second, and in commits. */
  private static final class SlowStore implements Store<Integer, String> {
    final Map<Integer, String> rows = new ConcurrentHashMap<>(Map.of(1, "old"));
    final Gate beforeFirst = new Gate();
    final Gate afterSecond = new Gate();
    final Gate afterCommit = new Gate();
    final AtomicInteger loads = new AtomicInteger();

    @Override
    public Map<Integer, String> load(Collection<Integer> keys) {
      int number = loads.incrementAndGet();
      if (number == 1) {
        beforeFirst.pass();
      }
      Map<Integer, String> found = new HashMap<>(rows);
      if (number == 2) {
        afterSecond.pass();
      }
      return found;
    }

    @Override
    public List<Outcome<Written<String>>> apply(List<Change<Integer, String>> changes) {
      List<Outcome<Written<String>>> outcomes = new ArrayList<>();
      for (Change<Integer, String> change : changes) {
        rows.put(change.key(), ((Change.Put<Integer, String>) change).value());
        outcomes.add(new Outcome.Applied<>(new Written<>(rows.get(change.key()), true)));
      }
      afterCommit.pass();
      return outcomes;
    }
  }

  /**
   * The first load, overtaken by an evict, finds what a write has committed that is not
   * acknowledged yet; the second, which fills, looked before it.
   */
  @Test
  void p3_whoHasReadANewValueNeverReadsTheOldOneAgain() throws Exception {
    try (Cachewright cache = Cachewright.builder().open()) {
      Keyspace<Integer, String> keyspace =
          cache.keyspace("users", Integer.class, String.class).writeThrough().store(store).open();
      store.beforeFirst.close();
      store.afterSecond.close();
      store.afterCommit.close();
      CompletableFuture<String> reader = keyspace.async().get(1);
      CompletableFuture<String> readTwice = reader.thenApply(first -> first + keyspace.get(1));
      store.beforeFirst.awaitHeld(1);
      keyspace.evict(1);
      CompletableFuture<String> second = keyspace.async().get(1);
      store.afterSecond.awaitHeld(1);
      CompletableFuture<Void> write = keyspace.async().put(1, "new");
      store.afterCommit.awaitHeld(1);
      store.beforeFirst.open();
      store.afterSecond.open();
      assertThat(Clients.end(readTwice)).isNotEqualTo("newold");
      Clients.end(second);
      store.afterCommit.open();
      Clients.end(write);
      assertThat(keyspace.get(1)).isEqualTo("new");
    }
  }
}
