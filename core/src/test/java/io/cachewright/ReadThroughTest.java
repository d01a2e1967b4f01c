// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadThroughTest {
  private final HandClock clock = new HandClock();
  private final MemoryDatabase database = new MemoryDatabase();
  private final MemoryDatabase.Table<String> table = database.table();
  private final Cachewright cache = Cachewright.builder().clock(clock).open();
  private final Keyspace<Integer, String> keyspace =
      cache.keyspace("products", Integer.class, String.class).readThrough().store(table).open();

  /** For another keyspace over the same table. */
  private final Cachewright otherCache = Cachewright.builder().clock(clock).open();

  @AfterEach
  void close() {
    database.loads.open();
    cache.close();
    otherCache.close();
  }

  @Test
  void aMissIsLoadedAndThenAHit() {
    table.insert(1, "one");
    assertThat(keyspace.get(1)).isEqualTo("one");
    assertThat(keyspace.get(1)).isEqualTo("one");
    assertThat(database.loadSizes).containsExactly(1);
    assertThat(keyspace.stats().hits()).isEqualTo(1);
    assertThat(keyspace.stats().misses()).isEqualTo(1);
    assertThat(keyspace.stats().loads()).isEqualTo(1);
  }

  @Test
  void p5_sixtyFourWhoMissAtOnceCauseOneLoad() throws Exception {
    table.insert(1, "one");
    database.loads.close();
    try (Clients clients = new Clients()) {
      List<Future<String>> all = clients.start(64, () -> keyspace.get(1));
      database.loads.awaitHeld(1);
      Awaitility.await().until(() -> keyspace.stats().misses() == 64);
      database.loads.open();
      for (Future<String> one : all) {
        assertThat(Clients.end(one)).isEqualTo("one");
      }
    }
    assertThat(database.loadSizes).containsExactly(1);
  }

  /** Threads chase each other over the same keys, so that some miss at the moment of the fill. */
  @Test
  void p5_aMissAtTheMomentOfTheFillIsNoSecondLoad() throws Exception {
    int keys = 20_000;
    try (Clients clients = new Clients()) {
      List<Future<Integer>> all =
          clients.start(
              4,
              () -> {
                for (int key = 0; key < keys; key++) {
                  keyspace.get(key);
                }
                return 0;
              });
      for (Future<Integer> one : all) {
        Clients.end(one);
      }
    }
    assertThat(keyspace.stats().loadedKeys()).isEqualTo(keys);
  }

  @Test
  void p5_missesThatGatherWhileALoadRunsAreLoadedTogether() throws Exception {
    Keyspace<Integer, String> oneLane =
        otherCache
            .keyspace("one-lane", Integer.class, String.class)
            .readThrough()
            .store(table)
            .options(KeyspaceOptions.DEFAULT.toBuilder().loadLanes(1).build())
            .open();
    IntStream.range(0, 50).forEach(key -> table.insert(key, "v" + key));
    database.loads.close();
    try (Clients clients = new Clients()) {
      List<Future<String>> all = new ArrayList<>();
      all.add(clients.start(() -> oneLane.get(0)));
      database.loads.awaitHeld(1);
      for (int key = 1; key < 50; key++) {
        int each = key;
        all.add(clients.start(() -> oneLane.get(each)));
      }
      Awaitility.await().until(() -> oneLane.stats().misses() == 50);
      database.loads.open();
      for (int key = 0; key < 50; key++) {
        assertThat(Clients.end(all.get(key))).isEqualTo("v" + key);
      }
    }
    assertThat(database.loadSizes.stream().mapToInt(size -> size).sum()).isEqualTo(50);
    assertThat(database.loadSizes.size()).isLessThan(10);
  }

  @Test
  void getAllLoadsTheMissesInOneCall() {
    IntStream.range(0, 100).forEach(key -> table.insert(key, "v" + key));
    keyspace.get(7);
    Map<Integer, String> found = keyspace.getAll(IntStream.range(0, 120).boxed().toList());
    assertThat(found).hasSize(100).containsEntry(99, "v99");
    assertThat(database.loadSizes).containsExactly(1, 119);
  }

  @Test
  void p5_aLoadOvertakenByAnEvictDoesNotFill() throws Exception {
    table.insert(1, "old");
    database.loads.close();
    try (Clients clients = new Clients()) {
      Future<String> slow = clients.start(() -> keyspace.get(1));
      database.loads.awaitHeld(1);
      table.insert(1, "new"); // the application writes to the database, then says so
      keyspace.evict(1);
      database.loads.open();
      assertThat(Clients.end(slow)).isEqualTo("old"); // it asked before
    }
    assertThat(keyspace.get(1)).isEqualTo("new");
  }

  @Test
  void p5_refreshDoesNotJoinALoadThatBeganBefore() throws Exception {
    table.insert(1, "old");
    database.loads.close();
    try (Clients clients = new Clients()) {
      Future<String> slow = clients.start(() -> keyspace.get(1));
      database.loads.awaitHeld(1);
      table.insert(1, "new");
      Future<String> refreshed = clients.start(() -> keyspace.refresh(1));
      database.loads.awaitHeld(2);
      database.loads.open();
      assertThat(Clients.end(refreshed)).isEqualTo("new");
      Clients.end(slow);
    }
    assertThat(keyspace.get(1)).isEqualTo("new");
  }

  @Test
  void p5_noSuchRowIsRememberedBriefly() {
    assertThat(keyspace.get(1)).isNull();
    table.insert(1, "one");
    assertThat(keyspace.get(1)).isNull();
    assertThat(database.loadSizes).hasSize(1);
    clock.pass(Duration.ofSeconds(1));
    assertThat(keyspace.get(1)).isEqualTo("one");
  }

  @Test
  void p5_databaseDownIsAnErrorAndIsNotRemembered() {
    table.insert(1, "one");
    database.away = true;
    assertThatThrownBy(() -> keyspace.get(1)).isInstanceOf(StoreAwayException.class);
    assertThatThrownBy(() -> keyspace.getAll(List.of(1, 2))).isInstanceOf(StoreAwayException.class);
    database.away = false;
    assertThat(keyspace.get(1)).isEqualTo("one");
    assertThat(keyspace.stats().loadErrors()).isEqualTo(3);
  }

  @Test
  void p8_hitsGoOnWithoutTheDatabase() {
    table.insert(1, "one");
    keyspace.get(1);
    database.away = true;
    assertThat(keyspace.get(1)).isEqualTo("one");
  }

  @Test
  void writesAreRefusedWithWhatToDoAndRemoveEvicts() {
    table.insert(1, "one");
    keyspace.get(1);
    assertThatThrownBy(() -> keyspace.put(1, "two"))
        .isInstanceOf(NotAllowedException.class)
        .hasMessageContaining("keyspace products is read-through")
        .hasMessageContaining("evict or refresh");
    assertThatThrownBy(() -> keyspace.update(1, value -> value + "!"))
        .isInstanceOf(NotAllowedException.class);
    assertThatThrownBy(() -> keyspace.computeIfAbsent(2, key -> "made"))
        .isInstanceOf(NotAllowedException.class);
    assertThat(keyspace.computeIfAbsent(1, key -> "made")).isEqualTo("one");
    assertThat(keyspace.remove(1)).isTrue();
    assertThat(keyspace.peek(1)).isNull();
    assertThat(table.select(1)).isEqualTo("one"); // P10
  }

  @Test
  void p10_expiryEvictionAndEvictAllDropFromTheCacheOnly() {
    Keyspace<Integer, String> small =
        otherCache
            .keyspace("small", Integer.class, String.class)
            .readThrough()
            .store(table)
            .expireAfterWrite(Duration.ofSeconds(10))
            .maximumSize(10)
            .open();
    IntStream.range(0, 100).forEach(key -> table.insert(key, "v" + key));
    IntStream.range(0, 100).forEach(small::get);
    clock.pass(Duration.ofSeconds(11));
    small.evictAll();
    for (int key = 0; key < 100; key++) {
      assertThat(table.select(key)).isEqualTo("v" + key);
      assertThat(small.get(key)).isEqualTo("v" + key);
    }
  }

  @Test
  void refreshAheadLoadsInTheBackgroundAndNobodyWaits() throws Exception {
    Keyspace<Integer, String> ahead = refreshedAhead();
    table.insert(1, "old");
    assertThat(ahead.get(1)).isEqualTo("old");
    table.insert(1, "new");
    clock.pass(Duration.ofSeconds(7));
    ahead.get(1);
    assertThat(database.loadSizes).hasSize(1);
    clock.pass(Duration.ofSeconds(1));
    database.loads.close();
    assertThat(ahead.get(1)).isEqualTo("old"); // answered at once; the load is still held
    database.loads.awaitHeld(1);
    database.loads.open();
    Awaitility.await().until(() -> "new".equals(ahead.peek(1)));
    assertThat(database.loadSizes).hasSize(2);
    assertThat(ahead.timeToLive(1)).isEqualTo(Duration.ofSeconds(10));
  }

  /** Entries that leave after 10 s, and are loaded again after 8. */
  private Keyspace<Integer, String> refreshedAhead() {
    return otherCache
        .keyspace("ahead", Integer.class, String.class)
        .readThrough()
        .store(table)
        .expireAfterWrite(Duration.ofSeconds(10))
        .jitter(0)
        .refreshAhead(0.8)
        .open();
  }

  @Test
  void anEndGivenByExpireKeepsTheRefreshAhead() {
    Keyspace<Integer, String> ahead = refreshedAhead();
    table.insert(1, "old");
    ahead.get(1);
    ahead.expire(1, Duration.ofSeconds(100));
    table.insert(1, "new");
    clock.pass(Duration.ofSeconds(81));
    assertThat(ahead.get(1)).isEqualTo("old");
    Awaitility.await().until(() -> "new".equals(ahead.peek(1)));
  }

  @Test
  void manyMoreKeysThanMayWaitAreLoadedByOneCall() {
    Keyspace<Integer, String> small =
        otherCache
            .keyspace("small", Integer.class, String.class)
            .readThrough()
            .store(table)
            .options(
                KeyspaceOptions.DEFAULT.toBuilder()
                    .loadBatchMax(10)
                    .waitingMax(10)
                    .waitMax(Duration.ofSeconds(30))
                    .build())
            .open();
    IntStream.range(0, 1_000).forEach(key -> table.insert(key, "v" + key));
    assertThat(small.getAll(IntStream.range(0, 1_000).boxed().toList())).hasSize(1_000);
    assertThat(small.stats().loads()).isBetween(100L, 200L);
  }

  @Test
  void aKeyOfWhichItIsKnownThatThereIsNoneHasNoEnd() {
    assertThat(keyspace.get(404)).isNull();
    assertThat(keyspace.timeToLive(404)).isNull();
  }

  /** What no store should do. */
  @Test
  void aStoreThatAnswersWithNothingIsAnErrorAndNobodyWaits() {
    AtomicInteger asked = new AtomicInteger();
    Keyspace<Integer, String> own =
        cache
            .keyspace("own", Integer.class, String.class)
            .readThrough()
            .store(
                new AnsweringStore(
                    () ->
                        switch (asked.incrementAndGet() % 2) {
                          case 0 -> null;
                          default -> new UnreadableMap();
                        }))
            .open();
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> own.get(1))
          .isInstanceOf(RefusedException.class)
          .hasMessageStartingWith("keyspace own: its store threw on load: ");
    }
    assertThat(asked).hasValue(10);
  }

  private record AnsweringStore(Supplier<@Nullable Map<Integer, String>> answers)
      implements Store<Integer, String> {
    @Override
    @SuppressWarnings("NullAway") // what this is for
    public Map<Integer, String> load(Collection<Integer> keys) {
      return answers.get();
    }

    @Override
    public List<Outcome<Written<String>>> apply(List<Change<Integer, String>> changes) {
      throw new UnsupportedOperationException("read-through");
    }
  }

  private static final class UnreadableMap extends HashMap<Integer, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String get(Object key) {
      throw new IllegalStateException("unreadable");
    }
  }

  @Test
  void aStoreThatThrowsIsAnErrorForTheKeyToBlameAlone() {
    Keyspace<Integer, String> own =
        cache
            .keyspace("own", Integer.class, String.class)
            .readThrough()
            .store(new ThrowingStore(13))
            .open();
    CompletableFuture<String> bad = own.async().get(13);
    CompletableFuture<Map<Integer, String>> good = own.async().getAll(List.of(1, 2, 3));
    assertThatThrownBy(bad::join)
        .hasRootCauseMessage("thirteen")
        .hasMessageContaining("keyspace own: its store threw on load");
    assertThat(good.join()).hasSize(3);
    assertThatThrownBy(() -> own.getAll(List.of(11, 12, 13, 14)))
        .isInstanceOf(RefusedException.class);
    assertThat(own.peek(12)).isEqualTo("v12"); // those loaded with it were not to blame
  }

  @Test
  void anAsynchronousCallerIsRefusedAtTheBoundAndASynchronousOneWaits() throws Exception {
    Keyspace<Integer, String> bounded =
        otherCache
            .keyspace("bounded", Integer.class, String.class)
            .readThrough()
            .store(table)
            .options(
                KeyspaceOptions.DEFAULT.toBuilder()
                    .loadLanes(1)
                    .loadBatchMax(2)
                    .waitingMax(2)
                    .build())
            .open();
    database.loads.close();
    CompletableFuture<String> running = bounded.async().get(0);
    database.loads.awaitHeld(1);
    List<CompletableFuture<String>> waiting =
        List.of(bounded.async().get(1), bounded.async().get(2));
    assertThatThrownBy(() -> bounded.async().get(3).join())
        .hasRootCauseInstanceOf(LimitException.class)
        .hasMessageContaining("2 are waiting, which is waitingMax");
    try (Clients clients = new Clients()) {
      Future<String> synchronous = clients.start(() -> bounded.get(4));
      database.loads.open();
      assertThat(Clients.end(synchronous)).isNull();
    }
    running.join();
    waiting.forEach(CompletableFuture::join);
  }
}
