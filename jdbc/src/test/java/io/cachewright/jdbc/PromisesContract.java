// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import io.cachewright.Keyspace;
import io.cachewright.RefusedException;
import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.ValueType;
import io.cachewright.store.Written;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The promises, kept by the whole library over a real database. One subclass per database. */
abstract class PromisesContract {

  record User(long id, String name, BigDecimal balance, int visits) {
    User withName(String next) {
      return new User(id, next, balance, visits);
    }

    User visited() {
      return new User(id, name, balance, visits + 1);
    }
  }

  final ExecutorService clients = Executors.newCachedThreadPool();
  TestDatabase database;
  JdbcDatabase jdbc;
  Cachewright cache;
  Keyspace<Long, User> users;

  abstract TestDatabase create();

  /** The code of a check constraint that is violated. */
  abstract String checkViolation();

  @BeforeEach
  void open() {
    database = create();
    database.run(
        "create table users (id bigint primary key, name varchar(40) not null,"
            + " balance numeric(9,2) default 0 not null check (balance >= 0),"
            + " visits integer default 0 not null)",
        "create table audit (id bigint primary key, what text not null)");
    jdbc = database.open();
    cache = Cachewright.builder().database(jdbc).open();
    users = cache.keyspace("users", Long.class, User.class).table("users").writeThrough().open();
  }

  @AfterEach
  void close() {
    clients.shutdownNow();
    cache.close();
    database.close();
  }

  static User user(long id, String name) {
    return new User(id, name, BigDecimal.ZERO, 0);
  }

  void insert(long id, String name) {
    database.run("insert into users (id, name) values (" + id + ", '" + name + "')");
  }

  String nameOf(long id) {
    return database.ask("select name from users where id = " + id).stream()
        .findFirst()
        .orElse("no such row");
  }

  @Test
  void p3_whatWasAcknowledgedIsReadByEveryone() throws Exception {
    for (int i = 0; i < 50; i++) {
      String name = "name " + i;
      users.put(1L, user(1, name));
      Future<User> other = clients.submit(() -> users.get(1L));
      assertThat(other.get().name()).isEqualTo(name);
      assertThat(nameOf(1)).isEqualTo(name);
    }
  }

  /** It would not see the writes of the first. */
  @Test
  void p3_aSecondKeyspaceOverTheTableIsRefused() {
    assertThatThrownBy(() -> cache.keyspace("people").table("USERS").readThrough().open())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("keyspaces users and people have the same store behind them")
        .hasMessageContaining("users, and would not see each other's writes (P3)");
    cache.keyspace("audit").table("audit").readThrough().open();
  }

  @Test
  void p4_inABatchOfConcurrentWritersOnlyTheGuiltyFails() throws Exception {
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<Boolean>> writers = new ArrayList<>();
    for (long id = 0; id < 64; id++) {
      long each = id;
      BigDecimal balance = BigDecimal.valueOf(each == 13 || each == 40 ? -1 : each);
      writers.add(
          clients.submit(
              () -> {
                begin.await();
                try {
                  users.put(each, new User(each, "user " + each, balance, 0));
                  return true;
                } catch (RefusedException e) {
                  assertThat(e.code()).isEqualTo(checkViolation());
                  assertThat(e).hasMessageContaining("users");
                  return false;
                }
              }));
    }
    begin.countDown();
    for (int id = 0; id < 64; id++) {
      boolean guilty = id == 13 || id == 40;
      assertThat(writers.get(id).get(30, TimeUnit.SECONDS)).isEqualTo(!guilty);
      assertThat(users.peek((long) id) == null).isEqualTo(guilty);
    }
    assertThat(database.ask("select count(*) from users")).containsExactly("62");
  }

  /** An amount that cannot be bound: its digits overflow the stack. */
  private static final class Bottomless extends BigDecimal {
    private static final long serialVersionUID = 1;

    Bottomless() {
      super("1");
    }

    @Override
    public int scale() {
      throw new StackOverflowError("in the middle");
    }

    @Override
    public String toString() {
      throw new StackOverflowError("in the middle");
    }

    @Override
    public String toPlainString() {
      throw new StackOverflowError("in the middle");
    }
  }

  @Test
  void p4_anErrorInTheMiddleOfATransactionLeavesNoneOpen() {
    TableStore store = jdbc.table("users");
    List<Change<Object, Row>> changes =
        List.of(
            new Change.Put<>(1L, TestDatabase.row(store, "name", "Ann")),
            new Change.Put<>(
                2L, TestDatabase.row(store, "name", "Bob").with("balance", new Bottomless())));
    assertThatThrownBy(() -> store.apply(changes)).isInstanceOf(StackOverflowError.class);
    TestDatabase.put(store, 3L, "name", "Cid");
    assertThat(database.ask("select id from users")).containsExactly("3");
  }

  @Test
  void p4_theCacheHoldsWhatTheDatabaseMadeOfIt() {
    cache.close();
    cache = Cachewright.builder().database(jdbc).open();
    Keyspace<Object, Row> rows = cache.keyspace("rows").table("users").writeThrough().open();
    rows.put(7L, Row.empty(jdbc.table("users").table().rowColumns()).with("name", "Ann"));
    Row row = rows.peek(7L);
    assertThat(row.get("visits")).isEqualTo(0L);
    assertThat((BigDecimal) row.get("balance")).isEqualByComparingTo("0");
    assertThat(row.get("id")).isEqualTo(7L);
  }

  @Test
  void p5_sixtyFourSimultaneousMissesAreOneSelect() throws Exception {
    insert(1, "Ann");
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<User>> readers = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      readers.add(
          clients.submit(
              () -> {
                begin.await();
                return users.get(1L);
              }));
    }
    long before = jdbc.statements();
    begin.countDown();
    for (Future<User> reader : readers) {
      assertThat(reader.get(30, TimeUnit.SECONDS).name()).isEqualTo("Ann");
    }
    assertThat(jdbc.statements() - before).isEqualTo(1);
  }

  /** The table's rows; what a load has found is held on its way back. */
  private static final class SlowLoads implements Store<Object, Row> {
    final CountDownLatch found = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    private final TableStore table;

    SlowLoads(TableStore table) {
      this.table = table;
    }

    @Override
    public Map<Object, Row> load(Collection<Object> keys) {
      Map<Object, Row> rows = table.load(keys);
      found.countDown();
      assertThatCode(goOn::await).doesNotThrowAnyException();
      return rows;
    }

    @Override
    public List<Outcome<Written<Row>>> apply(List<Change<Object, Row>> changes) {
      return table.apply(changes);
    }

    @Override
    public ValueType<Row> values() {
      return table.values();
    }
  }

  @Test
  void p5_aSlowLoadOvertakenByAWriteDoesNotFill() throws Exception {
    insert(1, "old");
    TableStore table = jdbc.table("users");
    SlowLoads slow = new SlowLoads(table);
    try (Cachewright other = Cachewright.builder().open()) {
      Keyspace<Object, Row> rows = other.keyspace("rows").store(slow).writeThrough().open();
      Future<Row> reader = clients.submit(() -> rows.get(1L));
      assertThat(slow.found.await(30, TimeUnit.SECONDS)).isTrue(); // it has the old row
      rows.put(1L, TestDatabase.row(table, "name", "new"));
      slow.goOn.countDown();
      assertThat(reader.get(30, TimeUnit.SECONDS).get("name")).isIn("old", "new");
      assertThat(rows.peek(1L).get("name")).isEqualTo("new");
      assertThat(nameOf(1)).isEqualTo("new");
    } finally {
      slow.goOn.countDown();
    }
  }

  @Test
  void p5_manyKeysAreOneSelectAndNoSuchRowIsRemembered() {
    LongStream.range(0, 100).forEach(id -> insert(id, "user " + id));
    long before = jdbc.statements();
    Map<Long, User> found = users.getAll(LongStream.range(0, 120).boxed().toList());
    assertThat(found).hasSize(100);
    assertThat(users.get(110L)).isNull();
    assertThat(jdbc.statements() - before).isEqualTo(1);
  }

  @Test
  void p9_anUpdateLeavesTheColumnsOfOthersAlone() {
    users.put(1L, user(1, "Ann"));
    database.run("update users set balance = 99 where id = 1");
    users.update(1L, user -> user.withName("Anna"));
    assertThat(database.ask("select balance from users where id = 1").get(0)).startsWith("99");
    assertThat(users.peek(1L).balance()).isEqualByComparingTo("99");
  }

  @Test
  void p10_evictionExpiryAndEvictAllLeaveEveryRow() {
    cache.close();
    cache = Cachewright.builder().database(jdbc).open();
    Keyspace<Long, User> few =
        cache
            .keyspace("few", Long.class, User.class)
            .table("users")
            .writeThrough()
            .maximumSize(20)
            .open();
    LongStream.range(0, 50).forEach(id -> few.put(id, user(id, "user " + id)));
    assertThat(few.stats().evictions()).isPositive();
    few.put(49L, user(49, "user 49"), Duration.ofMillis(1));
    Awaitility.await().until(() -> few.peek(49L) == null); // its time is over
    assertThat(few.get(49L).name()).isEqualTo("user 49");
    few.evict(49L);
    few.evictAll();
    assertThat(few.size()).isZero();
    assertThat(database.ask("select count(*) from users")).containsExactly("50");
    LongStream.range(0, 50).forEach(id -> assertThat(few.get(id).name()).isEqualTo("user " + id));
    assertThat(few.remove(49L)).isTrue();
    assertThat(database.ask("select count(*) from users")).containsExactly("49");
  }

  @Test
  void concurrentUpdatesAddUp() throws Exception {
    users.put(1L, user(1, "Ann"));
    List<Future<Integer>> writers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      writers.add(
          clients.submit(
              () -> {
                for (int n = 0; n < 25; n++) {
                  users.update(1L, User::visited);
                }
                return 0;
              }));
    }
    for (Future<Integer> writer : writers) {
      writer.get(60, TimeUnit.SECONDS);
    }
    assertThat(database.ask("select visits from users where id = 1")).containsExactly("200");
    assertThat(users.get(1L).visits()).isEqualTo(200);
  }

  @Test
  void aTransactionOverTwoTablesIsAllOrNothing() {
    record Audit(long id, String what) {}
    Keyspace<Long, Audit> audit =
        cache.keyspace("audit", Long.class, Audit.class).table("audit").writeThrough().open();
    cache.transaction(
        tx -> {
          tx.put(users, 1L, user(1, "Ann"));
          tx.put(audit, 1L, new Audit(1, "Ann joined"));
        });
    assertThat(nameOf(1)).isEqualTo("Ann");
    assertThatThrownBy(
            () ->
                cache.transaction(
                    tx -> {
                      tx.put(audit, 2L, new Audit(2, "Ann owes"));
                      tx.put(users, 1L, new User(1, "Ann", BigDecimal.valueOf(-1), 0));
                    }))
        .isInstanceOf(RefusedException.class);
    assertThat(database.ask("select count(*) from audit")).containsExactly("1");
    assertThat(audit.get(2L)).isNull();
    assertThat(users.get(1L).balance()).isEqualByComparingTo("0");
  }

  @Test
  void computeIfAbsentTakesWhatTheDatabaseHas() {
    assertThat(users.computeIfAbsent(1L, id -> user(id, "new")).name()).isEqualTo("new");
    User theirs =
        users.computeIfAbsent(
            2L,
            id -> {
              insert(2, "theirs");
              return user(id, "mine");
            });
    assertThat(theirs.name()).isEqualTo("theirs");
    assertThat(nameOf(2)).isEqualTo("theirs");
  }

  @Test
  void aPipelineOfWritesIsCommittedInFewTransactions() {
    long before = jdbc.statements();
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (long id = 0; id < 1_000; id++) {
      writes.add(users.async().put(id, user(id, "user " + id)));
    }
    writes.forEach(CompletableFuture::join);
    assertThat(database.ask("select count(*) from users")).containsExactly("1000");
    assertThat(jdbc.statements() - before).isLessThan(statementsMax());
  }

  /** How many statements a thousand gathered writes may take. */
  abstract long statementsMax();
}
