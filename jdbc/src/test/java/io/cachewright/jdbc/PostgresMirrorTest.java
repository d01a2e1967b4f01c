// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.WriteBehindStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresMirrorTest extends MirrorContract {
  @TempDir Path other;

  @Override
  TestDatabase create() {
    return TestPostgres.create();
  }

  /** A cache of its own whose database can be cut off. */
  private final class Proxied implements AutoCloseable {
    final CuttingProxy proxy = new CuttingProxy(TestPostgres.port());
    final HikariDataSource pool =
        TestPostgres.pool(
            ((TestPostgres) database).url(0).replace(":0/", ":" + proxy.port() + "/"), 2);
    final Cachewright cache =
        Cachewright.builder()
            .database(JdbcDatabase.of(pool))
            .directory(other.resolve("data"))
            .drain(Duration.ZERO)
            .open();

    Keyspace<String, Cart> carts(io.cachewright.MirrorOptions options) {
      return cache
          .keyspace("carts", String.class, Cart.class)
          .values(CARTS)
          .record()
          .mirror("carts", options)
          .open();
    }

    WriteBehindStatus status() {
      return cache.writeBehind().get(0);
    }

    @Override
    public void close() {
      cache.close();
      pool.close();
      proxy.close();
    }
  }

  @Test
  void p8_withTheDatabaseAwayTheKeyspaceOpensAndIsMirroredWhenItIsBack() {
    try (Proxied away = new Proxied()) {
      away.proxy.down();
      Keyspace<String, Cart> all = away.carts(NOW);
      all.put("a", cart("Ann", 1));
      all.put("a", cart("Ann", 2));
      assertThat(all.get("a")).isEqualTo(cart("Ann", 2));
      Awaitility.await().until(() -> away.status().failing() != null);
      away.proxy.up();
      away.cache.flush();
      assertThat(rows()).containsExactly("a Ann 2");
      assertThat(away.status().failing()).isNull();
    }
  }

  @Test
  void p7_aDatabaseThatIsAwayHoldsUpNoWriterAndIsMadeUpForByACopy() {
    try (Proxied away = new Proxied()) {
      Keyspace<String, Cart> all = away.carts(NOW.withMaxPending(100_000));
      Map<String, Cart> expected = new HashMap<>();
      for (int i = 0; i < 10; i++) {
        all.put("gone" + i, cart("o", i));
      }
      away.cache.flush();
      away.proxy.down();
      for (int i = 0; i < 10; i++) {
        all.remove("gone" + i);
      }
      for (int i = 0; i < 5_000; i++) { // ten times the bound
        all.put("k" + i, cart("o", i));
        expected.put("k" + i, cart("o", i));
      }
      assertThat(away.status().needsCopy()).isTrue();
      assertThat(away.status().changes()).isZero(); // the memory is free again
      assertThat(database.ask("select count(*) from carts")).containsExactly("10");
      away.proxy.up();
      away.cache.flush();
      assertThat(away.status().needsCopy()).isFalse();
      assertThat(rows()).isEqualTo(shown(expected));
    }
  }

  @Test
  void p2_aCopyThatIsCutOffLeavesTheTableAsItWas() {
    for (int i = 0; i < 4; i++) {
      boolean answer = i % 2 == 0;
      String word = i < 2 ? "insert into" : "COMMIT";
      try (Proxied cut = new Proxied()) {
        Keyspace<String, Cart> all = cut.carts(LATE.withMaxPending(5_000));
        all.put("a", cart("Ann", i));
        cut.cache.flush();
        assertThat(rows()).contains("a Ann " + i);
        if (answer) {
          cut.proxy.cutAnswerTo(word);
        } else {
          cut.proxy.cutBefore(word);
        }
        for (int k = 0; k < 100; k++) { // beyond the bound
          all.put("k" + k, cart("o", i));
        }
        cut.cache.flush();
        assertThat(database.ask("select count(*) || '' from carts where items = " + i))
            .as(word + answer)
            .containsExactly("101");
      }
      database.run("drop table carts");
      assertThat(other.resolve("data")).exists();
    }
  }

  @Test
  void p1_aFlushWhoseCommitIsCutOffIsMadeOnce() {
    try (Proxied cut = new Proxied()) {
      Keyspace<String, Cart> all = cut.carts(LATE);
      cut.cache.flush();
      database.run(
          "create table noted (key text)",
          "create function note() returns trigger language plpgsql as"
              + " 'begin insert into noted values (new.key); return new; end'",
          "create trigger note after insert or update on carts"
              + " for each row execute function note()");
      all.put("a", cart("Ann", 1));
      cut.proxy.cutAnswerTo("COMMIT");
      cut.cache.flush();
      all.put("b", cart("Bob", 1));
      cut.proxy.cutBefore("COMMIT");
      cut.cache.flush();
      assertThat(rows()).containsExactly("a Ann 1", "b Bob 1");
      assertThat(database.ask("select key from noted order by key")).containsExactly("a", "b");
    }
  }

  @Test
  void p2_othersSeeTheOldRowsUntilACopyIsDone() throws Exception {
    carts = carts(LATE.withMaxPending(5_000));
    carts.put("a", cart("Ann", 1));
    cache.flush();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into carts (key, owner) values ('k7', 'in the way')");
      for (int k = 0; k < 100; k++) {
        carts.put("k" + k, cart("o", 1));
      }
      CompletableFuture<Void> flushed = CompletableFuture.runAsync(cache::flush);
      Awaitility.await()
          .until(
              () ->
                  !database
                      .ask(
                          "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
                              + " and datname = current_database()")
                      .isEmpty());
      assertThat(rows()).containsExactly("a Ann 1");
      carts.put("later", cart("o", 1)); // nobody waits for the copy
      connection.rollback();
      flushed.get(60, TimeUnit.SECONDS);
    }
    cache.flush();
    assertThat(database.ask("select count(*) || '' from carts")).containsExactly("102");
  }

  @Test
  void withoutTheRightToMakeTheTableTheSqlIsShownAndWorks() {
    database.run("drop role if exists mirror_user", "create role mirror_user login");
    database.run(
        "revoke create on schema public from public",
        "create table cachewright_position (log text not null primary key, epoch bigint not null,"
            + " position bigint not null, updated_at timestamptz not null default"
            + " current_timestamp)",
        "grant select, insert, update on cachewright_position to mirror_user");
    try (HikariDataSource pool =
            TestPostgres.pool(
                ((TestPostgres) database).url(TestPostgres.port(), "mirror_user"), 2);
        Cachewright plain =
            Cachewright.builder()
                .database(JdbcDatabase.of(pool))
                .directory(other.resolve("data"))
                .open()) {
      Keyspace<String, Cart> all =
          plain
              .keyspace("carts", String.class, Cart.class)
              .values(CARTS)
              .record()
              .mirror("carts", NOW)
              .open();
      all.put("a", cart("Ann", 1));
      Awaitility.await().until(() -> plain.writeBehind().get(0).failing() != null);
      String message =
          String.valueOf(Objects.requireNonNull(plain.writeBehind().get(0).failing()).getMessage());
      assertThat(message).contains("42501");
      String sql = message.substring(message.indexOf("create table"), message.lastIndexOf(';'));
      List.of(sql.split(";")).forEach(database::run);
      database.run("grant select, insert, update, delete on carts to mirror_user");
      plain.flush();
      assertThat(rows()).containsExactly("a Ann 1");
    } finally {
      database.run("drop owned by mirror_user", "drop role mirror_user");
    }
  }
}
