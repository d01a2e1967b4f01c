// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.ConfigurationException;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.Transaction.Part;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** And what only a database on the other side of a connection can do. */
class PostgresFlushTest extends RefusalContract {

  @Override
  TestDatabase create() {
    return TestPostgres.create();
  }

  @Override
  String checkViolation() {
    return "23514";
  }

  /** Flushes a change of each kind through a proxy that was told what to do. */
  private Flushed flushThrough(Consumer<CuttingProxy> prepare) {
    return flushThrough(
        prepare,
        store -> List.of(put(store, 1, "name", "Ann"), remove(store, 2)),
        refused -> {
          throw new AssertionError(refused.toString());
        });
  }

  private Flushed flushThrough(
      Consumer<CuttingProxy> prepare,
      Function<TableStore, List<Part<?, ?>>> changes,
      FlushTarget.Aside taking) {
    String url = ((TestPostgres) database).url(0);
    try (CuttingProxy proxy = new CuttingProxy(TestPostgres.port());
        HikariDataSource pool =
            TestPostgres.pool(url.replace(":0/", ":" + proxy.port() + "/"), 2)) {
      JdbcDatabase proxied = JdbcDatabase.of(pool);
      TableStore store = proxied.table("users");
      Claim claim = proxied.flushTarget().claim("main");
      prepare.accept(proxy);
      return proxied
          .flushTarget()
          .flush(changes.apply(store), stretch(claim, claim.position() + 5), taking);
    }
  }

  @Test
  void p1_aFlushIsAppliedExactlyOnceWhenTheConnectionDiesDuringCommit() {
    assertThat(flushThrough(proxy -> proxy.cutAnswerTo("COMMIT")))
        .isInstanceOf(Flushed.Unknown.class);
    assertThat(names()).containsExactly("Ann");
    assertThat(target.read("main")).isEqualTo(new Claim(1, 5)); // which tells that it was

    assertThat(flushThrough(proxy -> proxy.cutBefore("COMMIT")))
        .isInstanceOf(Flushed.Unknown.class);
    assertThat(target.read("main")).isEqualTo(new Claim(2, 5)); // which tells that it was not
  }

  @Test
  void aConnectionLostBeforeCommitIsTriedAgainOnAnother() {
    for (String word :
        List.of("update public.cachewright_position", "insert into", "delete from")) {
      assertApplied(flushThrough(proxy -> proxy.cutAnswerTo(word)));
    }
    assertThat(target.read("main")).isEqualTo(new Claim(3, 15));
  }

  @Test
  void p1_whatIsSetAsideAndTheRestAreNotedOnceWhereverTheConnectionIsCut() {
    database.run(
        "create table noted (id bigint)",
        "create function note() returns trigger language plpgsql as"
            + " 'begin insert into noted values (new.id); return new; end'",
        "create trigger note after insert on users for each row execute function note()");
    Function<TableStore, List<Part<?, ?>>> changes =
        store ->
            List.of(
                put(store, 1, "name", "Ann"),
                put(store, 2, "name", "Bob", "visits", -1),
                put(store, 3, "name", "Cid"));
    long rounds = 0;
    for (String word :
        List.of(
            "savepoint block",
            "set constraints all immediate",
            "rollback to savepoint",
            "release savepoint",
            "COMMIT")) {
      for (boolean before : new boolean[] {true, false}) {
        database.run("truncate users, orders, noted");
        aside.clear();
        Consumer<CuttingProxy> cut =
            proxy -> {
              if (before) {
                proxy.cutBefore(word);
              } else {
                proxy.cutAnswerTo(word);
              }
            };
        Flushed flushed = flushThrough(cut, changes, this::keep);
        assertThat(places()).as(word).containsExactly(1);
        if (word.equals("COMMIT")) {
          assertThat(flushed).isInstanceOf(Flushed.Unknown.class);
        } else {
          assertApplied(flushed);
        }
        boolean applied = !(before && word.equals("COMMIT"));
        rounds += applied ? 1 : 0;
        assertThat(target.read("main").position()).as(word).isEqualTo(rounds * 5);
        assertThat(database.ask("select id from noted order by id"))
            .as(word)
            .isEqualTo(applied ? List.of("1", "3") : List.of());
      }
    }
  }

  @Test
  void p6_aPassingFailureWhileTheBadOneIsLookedForIsNoRefusal() throws Exception {
    database.run("insert into users (id, name) values (5, 'Eve')");
    Claim claim = target.claim("main");
    String url = ((TestPostgres) database).url() + "&options=-c%20lock_timeout=100";
    try (HikariDataSource hasty = TestPostgres.pool(url, 1);
        Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      JdbcDatabase other = JdbcDatabase.of(hasty);
      TableStore store = other.table("users");
      connection.setAutoCommit(false);
      statement.execute("update users set name = 'theirs' where id = 5");
      Flushed flushed =
          other
              .flushTarget()
              .flush(
                  List.of(
                      put(store, 1, "name", "Bob", "visits", -1), put(store, 5, "city", "Rome")),
                  stretch(claim, 5),
                  this::keep);
      assertThat(flushed).isInstanceOf(Flushed.TryAgain.class);
      assertThat(((Flushed.TryAgain) flushed).cause()).hasMessageContaining("55P03");
      connection.rollback();
    }
    assertThat(aside).isEmpty();
    assertThat(target.read("main")).isEqualTo(claim);
  }

  @Test
  void p8_aDatabaseThatIsAwayIsTriedAgain() {
    assertThat(flushThrough(CuttingProxy::down)).isInstanceOf(Flushed.TryAgain.class);
  }

  @Test
  void aClaimWaitsForTheFlushThatRuns() throws Exception {
    Claim claim = target.claim("main");
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false); // as the flush of a process that is gone by now
      statement.execute("update cachewright_position set position = 5");
      JdbcDatabase hasty =
          JdbcDatabase.of(database.dataSource(), new JdbcOptions(Duration.ofSeconds(1)));
      assertThatThrownBy(() -> hasty.flushTarget().claim("main"))
          .isInstanceOf(StoreAwayException.class)
          .hasMessageContaining("57014");
      connection.commit();
    }
    assertThat(flush(target, List.of(), stretch(claim, 9)))
        .isEqualTo(new Flushed.Overtaken(new Claim(1, 5)));
  }

  @Test
  void withoutTheRightToMakeTheTableTheSqlIsShownAndWorks() {
    TestPostgres postgres = (TestPostgres) database;
    postgres.run("drop role if exists plain_user", "create role plain_user login");
    postgres.run("revoke create on schema public from public");
    try (HikariDataSource pool =
        TestPostgres.pool(postgres.url(TestPostgres.port(), "plain_user"), 1)) {
      FlushTarget plain = JdbcDatabase.of(pool).flushTarget();
      String[] sql = new String[1];
      assertThatThrownBy(() -> plain.claim("main"))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("public.cachewright_position")
          .hasMessageContaining("42501")
          .satisfies(
              error ->
                  sql[0] =
                      error.getMessage().substring(error.getMessage().indexOf(": create") + 2));
      assertThat(sql[0]).contains("grant select, insert, update").contains("to plain_user;");
      String[] parts = sql[0].split(";");
      postgres.run(parts[0]);
      assertThatThrownBy(() -> plain.claim("main"))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("grant select, insert, update");
      postgres.run(parts[1]);
      assertThat(plain.claim("main")).isEqualTo(new Claim(1, 0));
    } finally {
      postgres.run("drop owned by plain_user", "drop role plain_user");
    }
  }

  @Test
  void theTableIsMadeInTheFirstSchemaOfTheSearchPath() {
    database.run("create schema shop");
    String url = ((TestPostgres) database).url() + "&currentSchema=shop,public";
    try (HikariDataSource pool = TestPostgres.pool(url, 1)) {
      JdbcDatabase.of(pool).flushTarget().claim("main");
    }
    assertThat(database.ask("select count(*) from shop.cachewright_position")).containsExactly("1");
  }

  @Test
  void keysOfEveryKind() {
    List<String> keys =
        List.of(
            "id bigint generated always as identity primary key",
            "id oid primary key",
            "id numeric(12,2) primary key",
            "id date primary key",
            "id timestamptz primary key",
            "id uuid primary key",
            "id char(9) primary key",
            "id int, part text, primary key (id, part)",
            "id text, part int, primary key (part, id)");
    for (int t = 0; t < keys.size(); t++) {
      String name = "keyed" + t;
      database.run(
          "create table "
              + name
              + " ("
              + keys.get(t)
              + ", must text not null, may numeric(9,2),"
              + " twice numeric generated always as (may * 2) stored)");
      TableStore store = jdbc.table(name);
      List<Part<?, ?>> news = new ArrayList<>();
      List<Part<?, ?>> partial = new ArrayList<>();
      List<Part<?, ?>> removals = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        Object key = store.table().checkKey(key(store.table(), i));
        news.add(new Part<>(store, new Change.Put<>(key, row(store, "must", "m" + i, "may", i))));
        partial.add(new Part<>(store, new Change.Put<>(key, row(store, "may", i + 0.5))));
        removals.add(new Part<>(store, new Change.Remove<>(key)));
      }
      String sums = "select count(*) || ' ' || sum(may) || ' ' || sum(twice) from " + name;
      for (int round = 0; round < 2; round++) {
        assertApplied(flush(news));
        assertThat(database.ask(sums)).as(keys.get(t)).containsExactly("120 7140.00 14280.00");
      }
      assertApplied(flush(partial));
      assertThat(database.ask(sums)).as(keys.get(t)).containsExactly("120 7200.00 14400.00");
      assertThat(store.load(List.of(removals.get(7).change().key()))).hasSize(1);
      assertApplied(flush(removals.subList(0, 119)));
      assertThat(database.ask("select must from " + name)).containsExactly("m119");
    }
  }

  private static Object key(Table table, int i) {
    List<Object> parts = new ArrayList<>();
    for (Column column : table.keyColumns()) {
      parts.add(
          switch (column.type().kind()) {
            case DATE -> LocalDate.of(2026, 1, 1).plusDays(i);
            case TIMESTAMPTZ -> Instant.EPOCH.plusMillis(i);
            case UUID -> new UUID(i, i);
            case TEXT -> "k" + i % 7 + "." + i;
            default -> parts.isEmpty() && table.keyColumns().size() > 1 ? i / 3 : i;
          });
    }
    return parts.size() == 1 ? parts.get(0) : parts;
  }

  @Test
  void aRowThatSomebodyInsertsWhileTheFlushRunsIsUpdated() throws Exception {
    List<Part<?, ?>> changes = new ArrayList<>();
    for (long id = 0; id < 100; id++) {
      changes.add(put(users, id, "name", "ours"));
    }
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into users (id, name, city) values (30, 'theirs', 'Rome')");
      CompletableFuture<Flushed> flushed = CompletableFuture.supplyAsync(() -> flush(changes));
      // The look at what is there has not seen the row; the INSERT has run into it.
      Awaitility.await()
          .until(
              () ->
                  database
                      .ask(
                          "select query like 'insert%' from pg_stat_activity"
                              + " where wait_event_type = 'Lock' and datname = current_database()")
                      .contains("t"));
      connection.commit();
      assertApplied(flushed.get(30, TimeUnit.SECONDS));
    }
    assertThat(database.ask("select count(*) from users where name = 'ours'"))
        .containsExactly("100");
    assertThat(database.ask("select city from users where id = 30")).containsExactly("Rome");
  }
}
