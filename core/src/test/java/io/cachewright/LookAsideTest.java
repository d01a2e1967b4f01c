// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LookAsideTest {
  private final HandClock clock = new HandClock();
  private final Cachewright cache = Cachewright.builder().clock(clock).open();
  private final Keyspace<String, String> keyspace =
      cache.keyspace("sessions", String.class, String.class).open();

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void holdsWhatIsPut() {
    assertThat(keyspace.get("a")).isNull();
    keyspace.put("a", "1");
    keyspace.putAll(Map.of("b", "2", "c", "3"));
    assertThat(keyspace.get("a")).isEqualTo("1");
    assertThat(keyspace.getAll(List.of("a", "b", "x"))).isEqualTo(Map.of("a", "1", "b", "2"));
    assertThat(keyspace.remove("a")).isTrue();
    assertThat(keyspace.remove("a")).isFalse();
    assertThat(keyspace.get("a")).isNull();
    assertThat(keyspace.size()).isEqualTo(2);
    keyspace.evictAll();
    assertThat(keyspace.get("b")).isNull();
  }

  @Test
  void countsHitsAndMisses() {
    keyspace.put("a", "1");
    keyspace.get("a");
    keyspace.get("a");
    keyspace.get("b");
    keyspace.peek("c");
    assertThat(keyspace.stats().hits()).isEqualTo(2);
    assertThat(keyspace.stats().misses()).isEqualTo(1);
    assertThat(keyspace.stats().writes()).isEqualTo(1);
  }

  @Test
  void updateSeesWhatIsThereAndComputeSeesNothingToo() {
    assertThat(keyspace.update("a", value -> value + "!")).isNull();
    assertThat(keyspace.compute("a", value -> value == null ? "new" : value)).isEqualTo("new");
    assertThat(keyspace.update("a", value -> value + "!")).isEqualTo("new!");
    assertThat(keyspace.update("a", value -> null)).isNull();
    assertThat(keyspace.get("a")).isNull();
  }

  @Test
  void concurrentUpdatesAddUp() throws Exception {
    Keyspace<String, Integer> counters =
        cache.keyspace("counters", String.class, Integer.class).open();
    try (Clients clients = new Clients()) {
      List<Future<Integer>> all =
          clients.start(
              8,
              () -> {
                for (int i = 0; i < 500; i++) {
                  counters.compute("n", value -> value == null ? 1 : value + 1);
                }
                return 0;
              });
      for (Future<Integer> one : all) {
        Clients.end(one);
      }
    }
    assertThat(counters.get("n")).isEqualTo(4_000);
  }

  @Test
  void entriesLeaveAtTheirTimeAndTheBoundsHold() {
    Keyspace<String, String> timed =
        cache
            .keyspace("timed", String.class, String.class)
            .expireAfterWrite(Duration.ofSeconds(10))
            .jitter(0)
            .open();
    timed.put("a", "1");
    timed.put("b", "2", Duration.ofSeconds(3));
    assertThat(timed.timeToLive("a")).isEqualTo(Duration.ofSeconds(10));
    clock.pass(Duration.ofSeconds(3));
    assertThat(timed.get("b")).isNull();
    assertThat(timed.get("a")).isEqualTo("1");
    assertThat(timed.expire("a", Duration.ofSeconds(20))).isTrue();
    clock.pass(Duration.ofSeconds(19));
    assertThat(timed.get("a")).isEqualTo("1");
    clock.pass(Duration.ofSeconds(1));
    assertThat(timed.get("a")).isNull();
    assertThat(timed.timeToLive("a")).isNull();
  }

  @Test
  void anEntryCanHaveATimeInAKeyspaceWithoutOne() {
    keyspace.put("a", "1", Duration.ofMillis(5));
    assertThat(keyspace.get("a")).isEqualTo("1");
    clock.pass(Duration.ofMillis(5));
    assertThat(keyspace.get("a")).isNull();
    assertThat(keyspace.remove("a")).isFalse();
  }

  @Test
  void jitterOnlyShortens() {
    Keyspace<Integer, String> timed =
        cache
            .keyspace("jittered", Integer.class, String.class)
            .expireAfterWrite(Duration.ofSeconds(100))
            .jitter(0.5)
            .open();
    for (int i = 0; i < 200; i++) {
      timed.put(i, "x");
      assertThat(timed.timeToLive(i)).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(100));
    }
    long soon = 0;
    for (int i = 0; i < 200; i++) {
      soon += timed.timeToLive(i).compareTo(Duration.ofSeconds(75)) < 0 ? 1 : 0;
    }
    assertThat(soon).isBetween(50L, 150L);
  }

  @Test
  void theBoundOnTheNumberEvictsAndIsCounted() {
    Keyspace<Integer, String> small =
        cache.keyspace("small", Integer.class, String.class).maximumSize(100).open();
    for (int i = 0; i < 1_000; i++) {
      small.put(i, "x");
    }
    assertThat(small.size()).isBetween(50L, 101L);
    assertThat(small.stats().evictions()).isGreaterThan(890);
  }

  @Test
  void theBoundOnBytesEvicts() {
    Keyspace<Integer, byte[]> small =
        cache.keyspace("bytes", Integer.class, byte[].class).maximumBytes(1 << 20).open();
    for (int i = 0; i < 100; i++) {
      small.put(i, new byte[100 << 10]);
    }
    assertThat(small.size()).isBetween(5L, 10L);
  }

  @Test
  void aValueLargerThanTheCacheIsNotHeld() {
    Keyspace<Integer, byte[]> small =
        cache.keyspace("tiny", Integer.class, byte[].class).maximumBytes(1 << 10).open();
    small.put(1, new byte[1 << 20]);
    assertThat(small.get(1)).isNull();
  }

  @Test
  @SuppressWarnings("NullAway") // that is the mistake
  void nullIsNoValue() {
    keyspace.put("a", "1");
    for (ThrowingCallable put :
        List.<ThrowingCallable>of(
            () -> keyspace.put("a", null), () -> keyspace.put("a", null, Duration.ofHours(1)))) {
      assertThatThrownBy(put)
          .isInstanceOf(NullPointerException.class)
          .hasMessage("null is no value; remove(key) makes a key have none");
    }
    assertThat(keyspace.get("a")).isEqualTo("1");
  }

  @Test
  void contradictionsAreRefusedWithTheirNumbers() {
    assertThatThrownBy(() -> cache.keyspace("x", String.class, String.class).maximumSize(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("maximumSize")
        .hasMessageContaining("0");
    assertThatThrownBy(() -> cache.keyspace("x", String.class, String.class).refreshAhead(0.8))
        .hasMessageContaining("expireAfterWrite");
    assertThatThrownBy(() -> cache.keyspace("x", String.class, String.class).readThrough().open())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("x is read-through and needs a table or a store");
    assertThatThrownBy(() -> cache.keyspace("sessions", String.class, String.class).open())
        .hasMessageContaining("there is a keyspace sessions already");
    assertThatThrownBy(() -> cache.keyspace("x", String.class, String.class).table("t").open())
        .hasMessageContaining("no database was given");
    assertThatThrownBy(() -> keyspace.refresh("a"))
        .isInstanceOf(NotAllowedException.class)
        .hasMessageContaining("look-aside");
    assertThatThrownBy(() -> keyspace.put("a", "1", Duration.ZERO))
        .isInstanceOf(BadValueException.class);
  }

  @Test
  void computeIfAbsentMakesOneValueForAll() throws Exception {
    Gate gate = new Gate();
    gate.close();
    java.util.concurrent.atomic.AtomicInteger made =
        new java.util.concurrent.atomic.AtomicInteger();
    try (Clients clients = new Clients()) {
      List<Future<String>> all =
          clients.start(
              8,
              () ->
                  keyspace.computeIfAbsent(
                      "a",
                      key -> {
                        gate.pass();
                        return "made " + made.incrementAndGet();
                      }));
      gate.awaitHeld(1);
      gate.open();
      for (Future<String> one : all) {
        assertThat(Clients.end(one)).isEqualTo("made 1");
      }
    }
    assertThat(keyspace.get("a")).isEqualTo("made 1");
  }

  @Test
  void aTransactionIsAllOrNothing() {
    assertThatThrownBy(
            () ->
                cache.transaction(
                    tx -> {
                      tx.put(keyspace, "a", "1");
                      throw new IllegalStateException("changed my mind");
                    }))
        .hasMessage("changed my mind");
    assertThat(keyspace.get("a")).isNull();
    String seen =
        cache.callInTransaction(
            tx -> {
              tx.put(keyspace, "a", "1");
              tx.put(keyspace, "b", "2");
              tx.remove(keyspace, "b");
              assertThat(keyspace.get("a")).isNull(); // nobody else sees it yet
              assertThat(tx.get(keyspace, "b")).isNull();
              return tx.get(keyspace, "a");
            });
    assertThat(seen).isEqualTo("1");
    assertThat(keyspace.get("a")).isEqualTo("1");
    assertThat(keyspace.get("b")).isNull();
  }

  @Test
  void transactionsThatReadWhatOthersWriteAreRunAgain() throws Exception {
    Keyspace<String, Integer> accounts =
        cache.keyspace("accounts", String.class, Integer.class).open();
    accounts.put("a", 1_000);
    accounts.put("b", 0);
    try (Clients clients = new Clients()) {
      List<Future<Integer>> all =
          clients.start(
              4,
              () -> {
                for (int i = 0; i < 100; i++) {
                  cache.transaction(
                      tx -> {
                        tx.put(accounts, "a", tx.get(accounts, "a") - 1);
                        tx.put(accounts, "b", tx.get(accounts, "b") + 1);
                      });
                }
                return 0;
              });
      for (Future<Integer> one : all) {
        Clients.end(one);
      }
    }
    assertThat(accounts.get("a")).isEqualTo(600);
    assertThat(accounts.get("b")).isEqualTo(400);
  }

  @Test
  void p7_aFewEntriesAreFewHoweverManyBytesTheyMayTake() {
    Keyspace<Integer, String> two =
        cache
            .keyspace("two", Integer.class, String.class)
            .lookAside()
            .maximumBytes(64L << 30)
            .maximumSize(2)
            .open();
    for (int key = 0; key < 100; key++) {
      two.put(key, "x");
    }
    Awaitility.await().until(() -> two.size() <= 2);
  }
}
