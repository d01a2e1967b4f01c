// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.applied;
import static io.cachewright.jdbc.TestDatabase.apply;
import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.ConfigurationException;
import io.cachewright.Increment;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Written;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Connections that die, a database that is away, locks, timeouts, logins. On a real PostgreSQL. */
class FailureTest {
  private static final long SECOND = 1_000_000_000;

  private final AtomicLong nanos = new AtomicLong();
  private TestPostgres database;
  private CuttingProxy proxy;
  private HikariDataSource pool;
  private JdbcDatabase jdbc;
  private TableStore users;

  @BeforeEach
  void open() {
    database = TestPostgres.create();
    database.run("create table users (id bigint primary key, name text not null)");
    proxy = new CuttingProxy(TestPostgres.port());
    pool = TestPostgres.pool(database.url(proxy.port()), 3);
    jdbc = JdbcDatabase.of(pool, new JdbcOptions(Duration.ofSeconds(1)), nanos::get);
    users = jdbc.table("users");
  }

  @AfterEach
  void close() {
    pool.close();
    proxy.close();
    database.close();
  }

  private Outcome<Written<Row>> putOutcome(long id, String name) {
    return apply(users, new Change.Put<>(id, row(users, "name", name)));
  }

  /** Two shapes, so that it takes a transaction. */
  private List<Outcome<Written<Row>>> putAndRemove() {
    return users.apply(
        List.of(new Change.Put<>(1L, row(users, "name", "a")), new Change.Remove<>(9L)));
  }

  @Test
  void p4_aLostAnswerToCommitIsUnknown() {
    proxy.cutAnswerTo("COMMIT");
    List<Outcome<Written<Row>>> outcomes = putAndRemove();
    assertThat(outcomes).allMatch(outcome -> outcome instanceof Outcome.Unknown);
    assertThat(database.ask("select id from users")).containsExactly("1");
    Outcome.Unknown<?> unknown = (Outcome.Unknown<?>) outcomes.get(0);
    assertThat(unknown.cause()).hasMessageContaining("public.users 1");
  }

  @Test
  void p4_aCommitThatDidNotArriveIsUnknownToo() {
    proxy.cutBefore("COMMIT");
    assertThat(putAndRemove()).allMatch(outcome -> outcome instanceof Outcome.Unknown);
    assertThat(database.ask("select id from users")).isEmpty();
    assertThat(putAndRemove()).allMatch(outcome -> outcome instanceof Outcome.Applied);
  }

  @Test
  void p4_aLostAnswerToASingleStatementIsUnknown() {
    proxy.cutAnswerTo("insert into");
    assertThat(putOutcome(1, "a")).isInstanceOf(Outcome.Unknown.class);
    assertThat(database.ask("select id from users")).containsExactly("1");
  }

  /** A table whose rows are read again after each change, since triggers may have changed them. */
  private void withTrigger(String statement) {
    database.run(
        "create table counted (id bigint primary key, visits bigint)",
        "insert into counted values (1, 10)",
        "create function counts() returns trigger language plpgsql as $$ begin "
            + statement
            + "; return null; end $$",
        "create trigger counts after update on counted for each row execute function counts()");
  }

  private void isIncrementedOnceAndNotTold(TableStore counted) {
    Row visit = row(counted).with("visits", Increment.of(1));
    Written<Row> written = applied(apply(counted, new Change.Put<>(1L, visit)));
    assertThat(written).isEqualTo(new Written<>(null, true));
    assertThat(database.ask("select visits from counted")).containsExactly("11");
  }

  private PGSimpleDataSource withoutPool(int port) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url(port));
    return source;
  }

  @Test
  void p4_aChangeWhoseConnectionIsLostAfterwardsIsMadeOnce() {
    withTrigger("perform 1");
    for (DataSource source : List.of(withoutPool(proxy.port()), pool)) {
      TableStore counted = JdbcDatabase.of(source).table("counted");
      database.run("update counted set visits = 10");
      proxy.cutAnswerTo("select t.");
      isIncrementedOnceAndNotTold(counted);
    }
  }

  @Test
  void p4_aChangeThatCannotBeReadBackIsAppliedAndNotTold() {
    database.run("drop role if exists blind", "create role blind");
    withTrigger("perform set_config('role', 'blind', false)");
    isIncrementedOnceAndNotTold(JdbcDatabase.of(withoutPool(TestPostgres.port())).table("counted"));
  }

  /** Its column is of another type meanwhile, and has what the driver cannot read in binary. */
  private TableStore unreadable() {
    database.run("create table daily (id bigint primary key, ends time)");
    PGSimpleDataSource binary = withoutPool(TestPostgres.port());
    binary.setPrepareThreshold(-1); // from the first execution on, not the fifth
    TableStore daily = JdbcDatabase.of(binary).table("daily");
    database.run("alter table daily alter ends type timetz, alter ends set default '24:00:00+00'");
    return daily;
  }

  @Test
  void p4_aChangeIsNotCalledRefusedBecauseItsAnswerCannotBeRead() {
    TableStore daily = unreadable();
    Outcome<Written<Row>> outcome = apply(daily, new Change.Put<>(1L, row(daily)));
    assertThat(database.ask("select id from daily")).containsExactly("1");
    assertThat(outcome).isInstanceOf(Outcome.Unknown.class);
    assertThat(((Outcome.Unknown<?>) outcome).cause())
        .hasMessageContaining("public.daily 1")
        .hasMessageContaining("NanoOfDay");
  }

  @Test
  void p4_inATransactionAnAnswerThatCannotBeReadUndoesTheChange() {
    TableStore daily = unreadable();
    List<Outcome<Written<Row>>> outcomes =
        daily.apply(List.of(new Change.Put<>(1L, row(daily)), new Change.Remove<>(9L)));
    assertThat(database.ask("select id from daily")).isEmpty();
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Refused.class);
    assertThat(outcomes.get(1)).isInstanceOf(Outcome.Undone.class);
  }

  @Test
  void p4_aValueThatCannotBeSentIsRefused() {
    Object value =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };
    Row unsent = row(users).with("name", value);
    Outcome<Written<Row>> outcome = apply(users, new Change.Put<>(1L, unsent));
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(database.ask("select id from users")).isEmpty();
  }

  @Test
  void aCommitThatTakesTooLongIsCancelledAndUndone() {
    database.run(
        "create function slow() returns trigger language plpgsql as"
            + " $$ begin perform pg_sleep(5); return null; end $$",
        "create constraint trigger slow after insert on users deferrable initially deferred"
            + " for each row execute function slow()");
    List<Outcome<Written<Row>>> outcomes = putAndRemove();
    assertThat(outcomes).allMatch(outcome -> outcome instanceof Outcome.TryAgain);
    assertThat(((Outcome.TryAgain<?>) outcomes.get(0)).cause()).hasMessageContaining("57014");
    assertThat(database.ask("select id from users")).isEmpty();
    database.run("alter table users disable trigger slow");
    assertThat(putAndRemove()).allMatch(outcome -> outcome instanceof Outcome.Applied);
  }

  @Test
  void aTimeoutOfManyYearsIsNotOverAtOnce() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement("select pg_sleep(0.7)")) {
      Deadlines deadlines = new Deadlines(1_000_000_000);
      assertThatCode(() -> deadlines.query(statement, 10)).doesNotThrowAnyException();
    }
  }

  @Test
  void p4_aConnectionLostBeforeCommitIsTriedAgainOnAnother() {
    proxy.cutAnswerTo("delete from");
    assertThat(putAndRemove()).allMatch(outcome -> outcome instanceof Outcome.Applied);
    assertThat(database.ask("select id from users")).containsExactly("1");
  }

  @Test
  void aLoadWhoseConnectionIsLostIsTriedAgainOnAnother() {
    put(users, 1L, "name", "a");
    proxy.cutAnswerTo("select t.");
    assertThat(load(users, 1L).get("name")).isEqualTo("a");
  }

  @Test
  void pooledConnectionsThatDiedWhileIdleAreNotNoticedByAnyone() {
    put(users, 1L, "name", "a");
    killConnections();
    assertThat(load(users, 1L).get("name")).isEqualTo("a");
    killConnections();
    assertThat(putOutcome(2, "b")).isInstanceOf(Outcome.Applied.class);
    killConnections();
    assertThat(putAndRemove()).allMatch(outcome -> outcome instanceof Outcome.Applied);
  }

  private void killConnections() {
    database.ask(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            + " where datname = current_database() and pid <> pg_backend_pid()");
  }

  @Test
  void p8_whileTheDatabaseIsAwayCallsFailAtOnceAndAfterwardsWorkAgain() {
    put(users, 1L, "name", "a");
    proxy.down();
    assertThatThrownBy(() -> load(users, 1L)).isInstanceOf(StoreAwayException.class);

    long sent = jdbc.statements();
    nanos.addAndGet(SECOND / 100);
    assertThatThrownBy(() -> load(users, 1L))
        .isInstanceOf(StoreAwayException.class)
        .hasMessageContaining("away since 10 ms")
        .hasMessageContaining("next try in 40 ms");
    assertThat(putOutcome(2, "b")).isInstanceOf(Outcome.TryAgain.class);
    assertThat(jdbc.statements()).isEqualTo(sent);

    proxy.up();
    assertThatThrownBy(() -> load(users, 1L)).hasMessageContaining("away since");
    nanos.addAndGet(SECOND);
    assertThat(load(users, 1L).get("name")).isEqualTo("a");
    assertThat(putOutcome(2, "b")).isInstanceOf(Outcome.Applied.class);
  }

  @Test
  void p8_aProbeThatIsLentADeadConnectionGoesOnProbing() throws SQLException {
    put(users, 1L, "name", "a");
    proxy.down();
    assertThatThrownBy(() -> load(users, 1L)).isInstanceOf(StoreAwayException.class);
    proxy.up();
    try (Connection dead = pool.getConnection()) {
      killConnections();
      assertThat(dead.getAutoCommit()).isTrue(); // and nobody has noticed
    }
    nanos.addAndGet(SECOND);
    assertThat(load(users, 1L).get("name")).isEqualTo("a");
  }

  @Test
  void p8_aConnectionThatWasClosedForGoodIsNotLentAgainByItsPool() throws SQLException {
    try (HikariDataSource single = TestPostgres.pool(database.url(), 1)) {
      Connections connections =
          new Connections(single, new Availability(nanos::get), new Deadlines(1));
      Connection own;
      try (Connections.Loan loan = connections.borrow()) {
        own = loan.session.connection().unwrap(Connection.class);
        loan.broken();
      }
      assertThat(own.isClosed()).isTrue();
      try (Connection next = single.getConnection()) { // without a look whether it lives
        assertThat(next.unwrap(Connection.class)).isNotSameAs(own);
      }
    }
  }

  @Test
  void p8_aCallerThatIsInterruptedDoesNotTakeTheDatabaseAway() throws Exception {
    put(users, 1L, "name", "a");
    try (HikariDataSource single = TestPostgres.pool(database.url(), 1)) {
      TableStore store = JdbcDatabase.of(single).table("users");
      Connection held = single.getConnection();
      Thread.currentThread().interrupt();
      FutureTask<Row> another = new FutureTask<>(() -> load(store, 1L));
      new Thread(another).start(); // of its own: the common pool may have one alone
      CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS)
          .execute(() -> assertThatCode(held::close).doesNotThrowAnyException());
      assertThat(load(store, 1L).get("name")).isEqualTo("a");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(another.get().get("name")).isEqualTo("a");
    }
  }

  @Test
  void p8_whileTheDatabaseIsAwayTheDriversReasonIsTold() {
    proxy.down();
    pool.setConnectionTimeout(250);
    String refused = "Connection to 127.0.0.1:" + proxy.port() + " refused";
    JdbcDatabase away = JdbcDatabase.of(pool, JdbcOptions.DEFAULTS, nanos::get);
    assertThatThrownBy(() -> away.table("users"))
        .hasMessageStartingWith("no connection to the database: " + refused)
        .hasMessageContaining("[08001]")
        .hasMessageContaining("timed out after")
        .hasMessageContaining("(total=0, active=0");
    assertThatThrownBy(() -> away.table("users")).hasMessageContaining("last cause: " + refused);
  }

  @Test
  void theDatabaseMayBeAwayWhenItIsOpened() {
    proxy.down();
    JdbcDatabase early = JdbcDatabase.of(pool, JdbcOptions.DEFAULTS, nanos::get);
    assertThatThrownBy(() -> early.table("users")).isInstanceOf(StoreAwayException.class);
    proxy.up();
    nanos.addAndGet(SECOND);
    assertThat(early.table("users").table().name()).isEqualTo("users");
  }

  @Test
  void aLockThatIsNotReleasedIsAPassingFailure() throws SQLException {
    put(users, 1L, "name", "a");
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("update users set name = 'b' where id = 1");
      Outcome<Written<Row>> outcome = putOutcome(1, "c");
      assertThat(outcome).isInstanceOf(Outcome.TryAgain.class);
      assertThat(((Outcome.TryAgain<?>) outcome).cause())
          .hasMessageContaining("public.users 1")
          .hasMessageContaining("57014")
          .hasMessageContaining("query timeout");
      other.rollback();
    }
    assertThat(putOutcome(1, "c")).isInstanceOf(Outcome.Applied.class);
  }

  @Test
  void aPoolWithNoConnectionLeftIsAPassingFailure() throws SQLException {
    try (HikariDataSource small = TestPostgres.pool(database.url(), 1)) {
      JdbcDatabase other = JdbcDatabase.of(small, JdbcOptions.DEFAULTS, nanos::get);
      TableStore store = other.table("users");
      small.getHikariConfigMXBean().setConnectionTimeout(250);
      try (Connection held = small.getConnection()) {
        assertThat(held.isValid(1)).isTrue();
        Outcome<Written<Row>> outcome = apply(store, new Change.Remove<>(1L));
        assertThat(outcome).isInstanceOf(Outcome.TryAgain.class);
        assertThat(((Outcome.TryAgain<?>) outcome).cause()).hasMessageContaining("active=1");
      }
      // The database was there all the time, so that nobody has to wait.
      assertThat(apply(store, new Change.Remove<>(1L))).isInstanceOf(Outcome.Applied.class);
    }
  }

  @Test
  void aRefusedLoginIsAMatterOfConfiguration() throws Exception {
    Path rules = Path.of(database.ask("show hba_file").get(0));
    String before = Files.readString(rules, StandardCharsets.UTF_8);
    database.run("drop role if exists locked", "create role locked login password 'right'");
    Files.writeString(rules, "host all locked 127.0.0.1/32 scram-sha-256\n" + before);
    database.ask("select pg_reload_conf()");
    String url = database.url(TestPostgres.port(), "locked");
    try (HikariDataSource wrong = TestPostgres.pool(url + "&password=wrong", 1)) {
      wrong.setConnectionTimeout(500);
      JdbcDatabase refused = JdbcDatabase.of(wrong);
      assertThatThrownBy(() -> refused.table("users"))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("28P01")
          .hasMessageContaining("check user and password");
    } finally {
      Files.writeString(rules, before);
      database.ask("select pg_reload_conf()");
      database.run("drop role locked");
    }
    String absent = "jdbc:postgresql://127.0.0.1:" + TestPostgres.port() + "/nowhere?user=postgres";
    try (HikariDataSource nowhere = TestPostgres.pool(absent, 1)) {
      nowhere.setConnectionTimeout(500);
      assertThatThrownBy(() -> JdbcDatabase.of(nowhere).table("users"))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("3D000");
    }
  }

  @Test
  void aPoolThatHandsOutConnectionsWithoutAutocommitWorksAndGetsThemBackSo() throws SQLException {
    try (HikariDataSource manual = new HikariDataSource()) {
      manual.setJdbcUrl(database.url());
      manual.setMaximumPoolSize(1);
      manual.setAutoCommit(false);
      TableStore store = JdbcDatabase.of(manual).table("users");
      put(store, 1L, "name", "a");
      store
          .apply(List.of(new Change.Put<>(2L, row(store, "name", "b")), new Change.Remove<>(3L)))
          .forEach(TestDatabase::applied);
      assertThat(database.ask("select count(*) from users")).containsExactly("2");
      try (Connection connection = manual.getConnection()) {
        assertThat(connection.getAutoCommit()).isFalse();
      }
    }
  }

  @Test
  void allConnectionsComeBackWhateverHappens() {
    for (long i = 0; i < 10; i++) {
      apply(users, new Change.Put<>(i, Row.empty(users.table().rowColumns()).with("name", null)));
      putOutcome(i, "x");
    }
    assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    assertThat(applied(putOutcome(1, "y")).existed()).isTrue();
  }
}
