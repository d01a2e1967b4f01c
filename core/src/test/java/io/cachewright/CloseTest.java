// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A cache that is closed, and those who are in the middle of something. */
class CloseTest {
  private final MemoryDatabase database = new MemoryDatabase();
  private final MemoryDatabase.Table<String> table = database.table();
  private final Cachewright cache = Cachewright.builder().open();
  private final Keyspace<Integer, String> keyspace =
      cache.keyspace("users", Integer.class, String.class).writeThrough().store(table).open();

  @Test
  void aClosedCacheSaysSo() {
    keyspace.put(1, "one");
    cache.close();
    assertThat(keyspace.get(1)).isEqualTo("one"); // from memory
    assertThatThrownBy(() -> keyspace.get(2))
        .isInstanceOf(NotAllowedException.class)
        .hasMessage("loads of keyspace users: this cache has been closed");
    assertThatThrownBy(() -> keyspace.put(1, "two"))
        .isInstanceOf(NotAllowedException.class)
        .hasMessage("write-through of keyspace users: this cache has been closed");
    assertThat(table.select(1)).isEqualTo("one");
  }

  /** Each of them ends: with its result, or by being told. */
  @RepeatedTest(20)
  void nobodyWaitsForEver() throws Exception {
    AtomicInteger puts = new AtomicInteger();
    AtomicInteger gets = new AtomicInteger();
    try (Clients clients = new Clients()) {
      List<Future<Throwable>> all = new ArrayList<>();
      all.addAll(clients.start(4, () -> untilRefused(() -> putNext(puts))));
      all.addAll(clients.start(4, () -> untilRefused(() -> keyspace.get(-gets.incrementAndGet()))));
      all.addAll(
          clients.start(
              2,
              () -> untilRefused(() -> keyspace.update(2_000_000_000, present -> present + "."))));
      keyspace.put(2_000_000_000, "updated");
      Awaitility.await().until(() -> puts.get() > 200 && gets.get() > 200);
      cache.close();
      for (Future<Throwable> one : all) {
        assertThat(Clients.end(one)).isInstanceOf(NotAllowedException.class);
      }
    }
  }

  private void putNext(AtomicInteger puts) {
    int number = puts.incrementAndGet();
    CompletableFuture<Void> notAwaited = keyspace.async().put(1_000_000 + number, "async");
    keyspace.put(number, "put");
    assertThat(table.select(number)).isEqualTo("put");
    notAwaited.join();
  }

  private static Throwable untilRefused(Runnable call) {
    while (true) {
      try {
        call.run();
      } catch (RuntimeException e) {
        return e.getCause() instanceof CacheException told ? told : e;
      }
    }
  }
}
