// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.CacheException;
import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.StoreAwayException;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What only a database on the other side of a connection can do: hold, cut, go away. */
class PostgresPromisesTest extends PromisesContract {

  @Override
  TestDatabase create() {
    return TestPostgres.create();
  }

  @Override
  String checkViolation() {
    return "23514";
  }

  @Override
  long statementsMax() {
    return 100;
  }

  /** The same table through a proxy. */
  private final class Proxied implements AutoCloseable {
    final CuttingProxy proxy = new CuttingProxy(TestPostgres.port());
    final HikariDataSource pool = TestPostgres.pool(((TestPostgres) database).url(proxy.port()), 3);
    final Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(pool)).open();
    final Keyspace<Long, User> users =
        cache.keyspace("users", Long.class, User.class).table("users").writeThrough().open();

    @Override
    public void close() {
      cache.close();
      pool.close();
      proxy.close();
    }
  }

  @Test
  void p4_aConnectionCutDuringCommitIsUnknownAndTheNextReadAsks() {
    try (Proxied proxied = new Proxied()) {
      proxied.users.put(1L, user(1, "old"));
      proxied.proxy.cutAnswerTo("insert into");
      assertThatThrownBy(() -> proxied.users.put(1L, user(1, "new")))
          .isInstanceOf(OutcomeUnknownException.class);
      assertThat(proxied.users.peek(1L)).isNull();
      Awaitility.await()
          .ignoreExceptionsInstanceOf(StoreAwayException.class)
          .until(() -> proxied.users.get(1L).name().equals(nameOf(1)));
      assertThat(proxied.users.peek(1L)).isNull(); // in doubt: answered, not kept
    }
  }

  @Test
  void p5_aSlowLoadOvertakenByAnEvictDoesNotFill() throws Exception {
    insert(1, "old");
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      // A lock on the table holds the load's SELECT until the writer is done.
      connection.setAutoCommit(false);
      statement.execute("lock table users in access exclusive mode");
      Future<User> slow = clients.submit(() -> users.get(1L));
      awaitWaiting(1);
      statement.execute("update users set name = 'new' where id = 1");
      users.evict(1L); // the writer says so before it commits
      Future<User> second = clients.submit(() -> users.get(1L));
      awaitWaiting(2);
      connection.commit();
      slow.get(30, TimeUnit.SECONDS);
      assertThat(second.get(30, TimeUnit.SECONDS).name()).isEqualTo("new");
    }
    assertThat(users.get(1L).name()).isEqualTo("new");
  }

  @Test
  void p4_aDeadlockOfABatchWithSomeoneElseFailsNobodyInIt() throws Exception {
    LongStream.rangeClosed(0, 11).forEach(id -> insert(id, "old"));
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    try (Connection first = database.dataSource().getConnection();
        Statement holder = first.createStatement();
        Connection second = database.dataSource().getConnection();
        Statement other = second.createStatement()) {
      first.setAutoCommit(false);
      holder.execute("update users set visits = 1 where id = 11");
      writes.add(users.async().put(11L, user(11, "new")));
      awaitWaiting(1);
      LongStream.rangeClosed(0, 10)
          .forEach(id -> writes.add(users.async().put(id, user(id, "new"))));
      second.setAutoCommit(false);
      other.execute("set local deadlock_timeout = '60s'"); // so that the batch is given up
      other.execute("update users set visits = 1 where id = 10");
      first.rollback();
      awaitWaiting(1); // the batch has rows 0 to 9 and waits for 10
      writes.get(0).get(30, TimeUnit.SECONDS);
      awaitWaiting(1);
      other.execute("update users set visits = 1 where id = 5");
      second.rollback();
    }
    for (CompletableFuture<Void> write : writes) {
      write.get(30, TimeUnit.SECONDS);
    }
    assertThat(database.ask("select count(*) from users where name = 'new'")).containsExactly("12");
  }

  private void awaitWaiting(int number) {
    Awaitility.await()
        .until(
            () ->
                database
                    .ask(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                            + " and datname = current_database()")
                    .get(0),
            Integer.toString(number)::equals);
  }

  @Test
  void p8_aRestartOfTheDatabaseIsSurvived() {
    try (Proxied proxied = new Proxied()) {
      Keyspace<Long, User> through = proxied.users;
      through.put(1L, user(1, "Ann"));
      proxied.proxy.down();
      assertThat(through.get(1L).name()).isEqualTo("Ann"); // hits go on
      assertThatThrownBy(() -> through.get(2L)).isInstanceOf(StoreAwayException.class);
      assertThatThrownBy(() -> through.put(1L, user(1, "lost"))).isInstanceOf(CacheException.class);
      assertThatThrownBy(() -> through.put(3L, user(3, "lost")))
          .isInstanceOf(StoreAwayException.class);
      proxied.proxy.up();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptionsInstanceOf(CacheException.class)
          .until(
              () -> {
                through.put(2L, user(2, "Bob"));
                return true;
              });
      assertThat(nameOf(2)).isEqualTo("Bob");
      assertThat(through.get(1L).name()).isEqualTo(nameOf(1));
    }
  }
}
