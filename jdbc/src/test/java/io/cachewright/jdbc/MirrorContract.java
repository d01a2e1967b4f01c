// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.Columns;
import io.cachewright.Keyspace;
import io.cachewright.NotAllowedException;
import io.cachewright.ParkedChange;
import io.cachewright.Row;
import io.cachewright.jdbc.type.Kind;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a mirror's table shows. One subclass per database. */
abstract class MirrorContract extends MirrorFixture {

  // ---- what it shows ----

  @Test
  void p2_putsUpdatesAndRemovalsAreInTheTableWithAColumnForEachComponent() {
    carts = carts(NOW);
    carts.put("a", new Cart("Ann", 3, LocalDate.of(2026, 1, 31)));
    carts.put("b", cart("Bob", 1));
    carts.update("a", cart -> new Cart(cart.owner(), cart.items() + 1, cart.due()));
    carts.remove("b");
    carts.put("c", cart("Cid", 0));
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 4", "c Cid 0");
    assertThat(database.ask("select due from carts order by key"))
        .containsExactly("2026-01-31", null);
    assertThat(status().needsCopy()).isFalse();
    assertThat(status().changes()).isZero();
  }

  @Test
  void p1_p2_afterRandomChangesAndRestartsTheTableIsWhatTheCacheHas() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    Map<String, Cart> expected = new HashMap<>();
    for (int round = 0; round < 6; round++) {
      carts = carts(random.nextBoolean() ? NOW : LATE);
      for (int i = 0; i < 400; i++) {
        String key = "k" + random.nextInt(60);
        if (random.nextInt(4) == 0) {
          carts.remove(key);
          expected.remove(key);
        } else {
          Cart next = cart("o" + random.nextInt(9), random.nextLong());
          carts.put(key, next);
          expected.put(key, next);
        }
        if (random.nextInt(150) == 0) {
          cache.flush();
        } else if (random.nextInt(150) == 0) {
          Objects.requireNonNull(cache.engine().log()).snapshot();
        }
      }
      if (random.nextBoolean()) {
        cache.flush();
        assertThat(rows()).as("seed " + seed).isEqualTo(shown(expected));
      }
      restart();
    }
    carts = carts(NOW);
    cache.flush();
    assertThat(rows()).as("seed " + seed).isEqualTo(shown(expected));
  }

  @Test
  void p2_aTransactionOverSeveralKeysIsNeverSplit() throws Exception {
    carts = carts(NOW);
    for (int i = 0; i < 10; i++) {
      carts.put("k" + i, cart("o", 100));
    }
    cache.flush();
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Long> reader =
        CompletableFuture.supplyAsync(
            () -> {
              long looks = 0;
              for (; !over.get() || looks < 20; looks++) {
                assertThat(database.ask("select sum(items) || '' from carts"))
                    .containsExactly("1000");
              }
              return looks;
            });
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      String from = "k" + random.nextInt(10);
      String to = "k" + random.nextInt(10);
      if (!from.equals(to)) {
        cache.transaction(
            tx -> {
              long moved = 1 + tx.get(carts, from).items() / 3;
              tx.put(carts, from, cart("o", tx.get(carts, from).items() - moved));
              tx.put(carts, to, cart("o", tx.get(carts, to).items() + moved));
            });
      }
    }
    cache.flush();
    over.set(true);
    assertThat(reader.get(60, TimeUnit.SECONDS)).isPositive();
    assertThat(status().flushes()).isGreaterThan(2);
  }

  @Test
  void p1_whatWasNotFlushedBeforeARestartIsAfterIt() {
    carts = carts(LATE);
    carts.put("a", cart("Ann", 1));
    carts.put("b", cart("Bob", 1));
    cache.flush();
    carts.put("a", cart("Ann", 2));
    carts.remove("b");
    carts.put("c", cart("Cid", 1));
    restart();
    assertThat(rows()).containsExactly("a Ann 1", "b Bob 1");
    carts = carts(LATE);
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 2", "c Cid 1");
    assertThat(status().flushedRows()).isEqualTo(3); // not a copy: only what had changed
  }

  @Test
  void p1_whatChangedWhileThereWasNoMirrorIsMadeUpFor() {
    carts = carts(LATE);
    carts.put("a", cart("Ann", 1));
    carts.put("b", cart("Bob", 1));
    cache.flush();
    restart();
    carts = // without a mirror for a while
        cache.keyspace("carts", String.class, Cart.class).values(CARTS).record().open();
    carts.remove("b");
    for (int i = 0; i < 3; i++) {
      Objects.requireNonNull(cache.engine().log()).snapshot();
    }
    restart();
    carts = carts(LATE);
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 1");
  }

  @Test
  void whatWasForgottenIsNotInTheTable() {
    carts = carts(LATE);
    carts.put("a", cart("Ann", 1));
    cache.flush();
    restart();
    cache.forget("carts");
    carts = carts(LATE);
    carts.put("b", cart("Bob", 1));
    cache.flush();
    assertThat(rows()).containsExactly("b Bob 1");
  }

  @Test
  void keysAndValuesOfSimpleTypesHaveAColumnEach() {
    Keyspace<Long, String> names =
        cache
            .keyspace("names", Long.class, String.class)
            .record()
            .mirror("names", NOW.withKeyColumn("id"))
            .open();
    names.put(7L, "Ann");
    cache.flush();
    assertThat(database.ask("select id || value from names")).containsExactly("7Ann");
  }

  /** As a server may have it: keys of two columns, values as documents. */
  private static final class Documents implements MirrorShape<String, String> {
    @Override
    public List<MirrorColumn> columns() {
      return List.of(
          MirrorColumn.key("shop", Kind.TEXT),
          MirrorColumn.key("number", Kind.INTEGER),
          MirrorColumn.of("doc", Kind.JSON));
    }

    @Override
    public Object key(String key) {
      String[] parts = key.split(":");
      return List.of(parts[0], Integer.parseInt(parts[1]));
    }

    @Override
    public Row row(String key, String value) {
      return Row.ofAll(Columns.of("doc"), "{\"is\": \"" + value + "\"}");
    }
  }

  @Test
  void p6_aShapeOfOnesOwnMakesTheRowsAndWhatItCannotMakeIsParked() {
    Keyspace<String, String> docs =
        cache
            .keyspace("docs", String.class, String.class)
            .record()
            .mirror(database.open().mirror("docs", new Documents()), LATE)
            .open();
    docs.put("rome:1", "a");
    docs.put("rome:2", "b");
    docs.put("oslo:1", "c");
    docs.put("nowhere", "d");
    cache.flush();
    docs.remove("rome:2");
    cache.flush();
    assertThat(database.ask("select shop || number from docs order by shop"))
        .containsExactly("oslo1", "rome1");
    assertThat(database.ask("select doc ->> 'is' from docs where shop = 'oslo'"))
        .containsExactly("c");
    assertThat(cache.parked().list()).extracting(ParkedChange::key).containsExactly("nowhere");
  }

  // ---- copies ----

  @Test
  void p2_theFirstCopyIsWholeWhileWritersGoOn() {
    Keyspace<String, Cart> plain =
        cache.keyspace("carts", String.class, Cart.class).values(CARTS).record().open();
    Map<String, Cart> all = new HashMap<>();
    for (int i = 0; i < 12_000; i++) {
      all.put("k" + i, cart("o", i));
    }
    plain.putAll(all);
    restart();
    carts = carts(LATE);
    CompletableFuture<Void> flushed = CompletableFuture.runAsync(cache::flush);
    Random random = new Random(1);
    while (!flushed.isDone()) {
      String key = "k" + random.nextInt(13_000);
      if (random.nextBoolean()) {
        carts.remove(key);
        all.remove(key);
      } else {
        carts.put(key, cart("new", 1));
        all.put(key, cart("new", 1));
      }
    }
    flushed.join();
    cache.flush();
    assertThat(rows()).isEqualTo(shown(all));
    assertThat(status().needsCopy()).isFalse();
  }

  @Test
  void p6_aCopyLeavesOutWhatTheTableRefusesAndTellsOfIt() {
    database.run(
        "create table carts (key text primary key, owner text check (owner <> 'Bad'),"
            + " items bigint, due date, expires_at timestamptz)");
    Keyspace<String, Cart> plain =
        cache.keyspace("carts", String.class, Cart.class).values(CARTS).record().open();
    for (int i = 0; i < 1_200; i++) {
      plain.put("k" + i, cart(i % 500 == 3 ? "Bad" : "Ok", i));
    }
    restart();
    carts = carts(LATE);
    cache.flush();
    assertThat(database.ask("select count(*) || '' from carts")).containsExactly("1197");
    assertThat(cache.parked().list()).extracting(ParkedChange::keyspace).containsOnly("carts");
    assertThat(cache.parked().list())
        .extracting(ParkedChange::key)
        .containsExactlyInAnyOrder("k3", "k503", "k1003");
  }

  // ---- refusals ----

  @Test
  void p6_whatTheTableRefusesIsParkedUntilTheKeyHasAnotherValue() {
    database.run(
        "create table carts (key text primary key, owner text, items bigint check (items >= 0),"
            + " due date, expires_at timestamptz)");
    carts = carts(LATE);
    carts.put("a", cart("Ann", -1));
    carts.put("b", cart("Bob", 1));
    carts.put("c", cart("Cid", -1));
    cache.flush();
    assertThat(rows()).containsExactly("b Bob 1");
    assertThat(cache.parked().size()).isEqualTo(2);
    carts.put("a", cart("Ann", 5));
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 5", "b Bob 1");
    ParkedChange left = cache.parked().list().get(0);
    assertThat(left.key()).isEqualTo("c");
    assertThatThrownBy(() -> cache.parked().retry(left.id(), cart("Cid", 1)))
        .isInstanceOf(NotAllowedException.class)
        .hasMessageContaining("put another value under key c");
    assertThat(cache.parked().retry(left.id()).join()).isNotNull();

    restart(); // which tries again
    carts = carts(LATE);
    cache.flush();
    assertThat(cache.parked().list()).extracting(ParkedChange::key).containsExactly("c");
    carts.remove("c");
    cache.flush();
    assertThat(cache.parked().size()).isZero();
    assertThat(rows()).containsExactly("a Ann 5", "b Bob 1");
  }

  @Test
  void p6_aParkedChangeOfAMirrorCanBeDiscarded() {
    database.run(
        "create table carts (key text primary key, owner text, items bigint check (items >= 0),"
            + " due date, expires_at timestamptz)");
    carts = carts(LATE);
    carts.put("c", cart("Cid", -1));
    cache.flush();
    cache.parked().discard(cache.parked().list().get(0).id());
    assertThat(cache.parked().size()).isZero();
    assertThat(carts.get("c")).isEqualTo(cart("Cid", -1));
  }

  // ---- expiry ----

  @Test
  void p2_whatExpiresLeavesTheTable() {
    carts = carts(NOW);
    carts.put("short", cart("Ann", 1), Duration.ofMillis(300));
    carts.put("longer", cart("Bob", 1), Duration.ofHours(1));
    carts.put("ever", cart("Cid", 1));
    cache.flush();
    Awaitility.await().until(() -> rows().equals(Arrays.asList("ever Cid 1", "longer Bob 1")));
    assertThat(carts.get("short")).isNull();
    assertThat(database.ask("select key from carts where expires_at is not null"))
        .containsExactly("longer");
  }

  @Test
  void p2_whatHasExpiredBeforeARestartLeavesTheTableAfterIt() {
    carts = carts(NOW);
    carts.put("short", cart("Ann", 1), Duration.ofMillis(1500));
    carts.put("ever", cart("Cid", 1));
    cache.flush();
    cache.close();
    assertThat(rows()).hasSize(2);
    long end = System.currentTimeMillis() + 1600;
    Awaitility.await().until(() -> System.currentTimeMillis() > end);
    cache = opened(database.open());
    carts = carts(NOW);
    Awaitility.await().until(() -> rows().equals(List.of("ever Cid 1")));
  }

  // ---- many writers ----

  @Test
  void p1_manyWritersAtOnce() throws Exception {
    carts = carts(NOW);
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      int own = t;
      Thread writer =
          new Thread(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  carts.put("k" + own + "-" + i % 50, cart("o", i));
                  if (i % 7 == 0) {
                    carts.remove("k" + own + "-" + i % 50);
                  }
                }
                done.countDown();
              });
      writer.start();
    }
    done.await();
    cache.flush();
    Map<String, Cart> all = new HashMap<>();
    for (int t = 0; t < threads; t++) {
      for (int i = 0; i < 50; i++) {
        Cart cart = carts.get("k" + t + "-" + i);
        if (cart != null) {
          all.put("k" + t + "-" + i, cart);
        }
      }
    }
    assertThat(rows()).isEqualTo(shown(all));
  }
}
