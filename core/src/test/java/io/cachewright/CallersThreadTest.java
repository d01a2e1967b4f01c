// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On which thread the functions of callers run, and what they may do there. */
class CallersThreadTest {
  private final MemoryDatabase database = new MemoryDatabase();
  private final MemoryDatabase.Table<String> table = database.table();
  private final Cachewright cache = Cachewright.builder().open();
  private final Keyspace<Integer, String> keyspace =
      cache.keyspace("users", Integer.class, String.class).writeThrough().store(table).open();

  @AfterEach
  void close() {
    database.loads.open();
    cache.close();
  }

  /** What a caller does with a key while another thread is loading it. */
  private interface Call {
    String make(Thread[] ran);
  }

  /** The thread that ran the function, and the one that called. */
  private Thread[] ranDuringAnothersLoad(Call call) throws Exception {
    database.loads.close();
    CompletableFuture<String> other = keyspace.async().get(1); // a thread of the cache's leads
    database.loads.awaitHeld(1);
    Thread[] ran = new Thread[2];
    try (Clients clients = new Clients()) {
      Future<String> mine =
          clients.start(
              () -> {
                ran[1] = Thread.currentThread();
                return call.make(ran);
              });
      Awaitility.await().until(() -> keyspace.stats().misses() == 2);
      database.loads.open();
      assertThat(Clients.end(mine)).isEqualTo("new");
    }
    other.join();
    return ran;
  }

  @Test
  void aBlockingUpdateRunsItsFunctionOnTheThreadThatCalls() throws Exception {
    table.insert(1, "old");
    Thread[] ran =
        ranDuringAnothersLoad(
            threads ->
                keyspace.update(
                    1,
                    present -> {
                      threads[0] = Thread.currentThread();
                      return "new";
                    }));
    assertThat(ran[0]).isSameAs(ran[1]);
  }

  @Test
  void aBlockingComputeIfAbsentRunsItsFunctionOnTheThreadThatCalls() throws Exception {
    Thread[] ran =
        ranDuringAnothersLoad(
            threads ->
                keyspace.computeIfAbsent(
                    1,
                    key -> {
                      threads[0] = Thread.currentThread();
                      return "new";
                    }));
    assertThat(ran[0]).isSameAs(ran[1]);
  }

  @Test
  void anUpdateThatAlwaysWritesItsOwnKeyEndsInAConflict() {
    keyspace.put(1, "0");
    AtomicInteger puts = new AtomicInteger();
    assertThatThrownBy(
            () ->
                keyspace.update(
                    1,
                    present -> {
                      keyspace.put(1, "put " + puts.incrementAndGet());
                      return "updated";
                    }))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("keyspace users: key 1 was written by others during each of 1000");
    assertThat(keyspace.get(1)).isEqualTo("put " + puts.get());
  }

  @Test
  void soDoesOneThatNobodyWaitsFor() {
    Keyspace<Integer, String> plain =
        cache.keyspace("plain", Integer.class, String.class).lookAside().open();
    CompletableFuture<String> update =
        plain
            .async()
            .compute(
                1,
                present -> {
                  plain.put(1, "other");
                  return "updated";
                });
    assertThatThrownBy(() -> Clients.end(update))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ConflictException.class);
    assertThat(plain.get(1)).isEqualTo("other");
  }

  @Test
  void aFunctionThatAsksForTheKeyItMakesIsToldSo() {
    assertThatThrownBy(
            () -> keyspace.computeIfAbsent(1, key -> keyspace.computeIfAbsent(1, same -> "inner")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("keyspace users: the function that makes the value of 1 asks for");
    assertThat(keyspace.computeIfAbsent(1, key -> keyspace.computeIfAbsent(2, other -> "two")))
        .isEqualTo("two");
  }

  @Test
  void anUpdateNeedsNoThreadOfTheCommonPool() throws Exception {
    Object lock = new Object();
    CountDownLatch done = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(ForkJoinPool.getCommonPoolParallelism());
    try (Clients clients = new Clients()) {
      database.commits.close();
      CompletableFuture<Void> put = keyspace.async().put(1, "put");
      database.commits.awaitHeld(1);
      Future<String> update =
          clients.start(
              () -> {
                synchronized (lock) {
                  for (long i = busy.getCount(); i > 0; i--) {
                    ForkJoinPool.commonPool()
                        .execute(
                            () -> {
                              busy.countDown();
                              synchronized (lock) { // as the body of a parallel stream may
                                done.countDown();
                              }
                            });
                  }
                  busy.await();
                  return keyspace.compute(1, present -> present + "+");
                }
              });
      Awaitility.await().until(() -> keyspace.stats().misses() == 1);
      database.commits.open();
      Clients.end(put);
      assertThat(update.get(10, TimeUnit.SECONDS)).isEqualTo("put+");
    }
  }
}
