// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.applied;
import static io.cachewright.jdbc.TestDatabase.apply;
import static io.cachewright.jdbc.TestDatabase.insert;
import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static io.cachewright.jdbc.TestDatabase.remove;
import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Transaction;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every dialect's tables do, in SQL that all of them understand. */
abstract class StoreContract {
  TestDatabase database;
  JdbcDatabase jdbc;
  TableStore users;

  abstract TestDatabase create();

  /** The code of a violated CHECK, UNIQUE, NOT NULL, FOREIGN KEY. */
  abstract List<String> codes();

  @BeforeEach
  void open() {
    database = create();
    database.run(
        "create table users (id bigint primary key, name varchar(20) not null,"
            + " age int check (age < 200), city text default 'Bern', email text unique)",
        "create table orders (id bigint primary key, customer bigint not null references users(id),"
            + " total int)",
        "create table lines (orders bigint references orders(id), line int, what text,"
            + " primary key (orders, line))");
    jdbc = database.open();
    users = jdbc.table("users");
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aRowThatIsThereIsLoadedWhole() {
    database.run("insert into users (id, name, age) values (42, 'Ann', 30)");
    Row row = load(users, 42L);
    assertThat(row).isNotNull();
    assertThat(row.toMap())
        .containsEntry("id", 42L)
        .containsEntry("name", "Ann")
        .containsEntry("age", 30L)
        .containsEntry("city", "Bern")
        .containsEntry("email", null);
    assertThat(row.isWhole()).isTrue();
  }

  @Test
  void aRowThatIsNotThereIsLeftOut() {
    assertThat(users.load(List.of(1L, 2L))).isEmpty();
  }

  @Test
  void p5_manyKeysAreLoadedByOneStatement() {
    fill(300);
    long before = jdbc.statements();
    Map<Object, Row> rows = users.load(keys(0, 400));
    assertThat(rows).hasSize(300);
    assertThat(rows.get(7L).get("name")).isEqualTo("n7");
    assertThat(jdbc.statements() - before).isEqualTo(1);
  }

  @Test
  void moreKeysThanAStatementTakesAreLoadedAllTheSame() {
    fill(6_000);
    assertThat(users.load(keys(0, 7_000))).hasSize(6_000);
  }

  @Test
  void aPutOfANewRowInsertsItWithTheDefaults() {
    Written<Row> written = put(users, 1L, "name", "Ann");
    assertThat(written.existed()).isFalse();
    assertThat(written.value()).isEqualTo(load(users, 1L));
    assertThat(written.value().get("city")).isEqualTo("Bern");
  }

  @Test
  void aPutOfARowThatIsThereUpdatesIt() {
    put(users, 1L, "name", "Ann", "age", 3);
    Written<Row> written = put(users, 1L, "name", "Bob");
    assertThat(written.existed()).isTrue();
    assertThat(written.value().get("name")).isEqualTo("Bob");
    assertThat(written.value().get("age")).isEqualTo(3L);
  }

  @Test
  void p9_aPutTouchesOnlyTheColumnsItNames() {
    put(users, 1L, "name", "Ann", "age", 3, "city", "Rome");
    database.run("update users set age = 4, city = 'Oslo' where id = 1");
    put(users, 1L, "name", "Bob");
    assertThat(load(users, 1L).toMap())
        .containsEntry("name", "Bob")
        .containsEntry("age", 4L)
        .containsEntry("city", "Oslo");
  }

  @Test
  void p9_aPutThatLacksARequiredColumnUpdatesTheRowThatIsThere() {
    put(users, 1L, "name", "Ann");
    Written<Row> written = put(users, 1L, "age", 5);
    assertThat(written.existed()).isTrue();
    assertThat(written.value().get("name")).isEqualTo("Ann");
    assertThat(written.value().get("age")).isEqualTo(5L);
  }

  @Test
  void aPutThatLacksARequiredColumnIsRefusedWhereThereIsNoRow() {
    Outcome<?> outcome = apply(users, new Change.Put<>(1L, row(users, "age", 5)));
    assertThat(refused(outcome).cause().code()).isEqualTo(codes().get(2));
    assertThat(refused(outcome).cause())
        .hasMessageContaining("users 1")
        .hasMessageContaining("name");
  }

  @Test
  void aPutOfNothingButTheKeyKeepsTheRowThatIsThere() {
    put(users, 1L, "name", "Ann");
    Written<Row> written = put(users, 1L);
    assertThat(written.existed()).isTrue();
    assertThat(written.value().get("name")).isEqualTo("Ann");
  }

  @Test
  void aColumnCanBeSetToNull() {
    put(users, 1L, "name", "Ann", "city", "Rome");
    assertThat(put(users, 1L, "city", null).value().get("city")).isNull();
    assertThat(database.ask("select city from users")).containsExactly((String) null);
  }

  @Test
  void anInsertKeepsTheRowThatIsThereAndTellsIt() {
    assertThat(insert(users, 1L, "name", "Ann").existed()).isFalse();
    Written<Row> written = insert(users, 1L, "name", "Bob");
    assertThat(written.existed()).isTrue();
    assertThat(written.value().get("name")).isEqualTo("Ann");
  }

  @Test
  void anInsertThatLacksARequiredColumnStillFindsTheRowThatIsThere() {
    put(users, 1L, "name", "Ann");
    assertThat(insert(users, 1L, "age", 5).value().get("name")).isEqualTo("Ann");
    assertThat(refused(apply(users, new Change.Insert<>(2L, row(users, "age", 5)))).cause().code())
        .isEqualTo(codes().get(2));
  }

  @Test
  void aRemoveTellsWhetherThereWasARow() {
    put(users, 1L, "name", "Ann");
    assertThat(remove(users, 1L)).isEqualTo(new Written<Row>(null, true));
    assertThat(remove(users, 1L)).isEqualTo(new Written<Row>(null, false));
    assertThat(load(users, 1L)).isNull();
  }

  @Test
  void manyPutsOfOneShapeAreAppliedTogetherEachWithItsOwnResult() {
    put(users, 3L, "name", "old");
    List<Change<Object, Row>> changes = new ArrayList<>();
    for (long id = 0; id < 100; id++) {
      changes.add(new Change.Put<>(id, row(users, "name", "n" + id)));
    }
    List<Outcome<Written<Row>>> outcomes = users.apply(changes);
    for (int id = 0; id < 100; id++) {
      Written<Row> written = applied(outcomes.get(id));
      assertThat(written.value().get("id")).isEqualTo((long) id);
      assertThat(written.value().get("name")).isEqualTo("n" + id);
      assertThat(written.existed()).isEqualTo(id == 3);
    }
  }

  @Test
  void changesOfOneKeyInABatchKeepTheirOrder() {
    List<Outcome<Written<Row>>> outcomes =
        users.apply(
            List.of(
                new Change.Put<>(1L, row(users, "name", "a")),
                new Change.Put<>(2L, row(users, "name", "x")),
                new Change.Put<>(1L, row(users, "name", "b")),
                new Change.Remove<>(1L),
                new Change.Insert<>(1L, row(users, "name", "c")),
                new Change.Put<>(1L, row(users, "age", 7)),
                new Change.Remove<>(2L)));
    assertThat(outcomes.stream().map(outcome -> applied(outcome).existed()))
        .containsExactly(false, false, true, true, false, true, true);
    assertThat(load(users, 1L).toMap()).containsEntry("name", "c").containsEntry("age", 7L);
    assertThat(load(users, 2L)).isNull();
  }

  @Test
  void whatTheDatabaseRefusesIsRefusedWithItsCode() {
    put(users, 1L, "name", "Ann", "email", "a@b");
    assertThat(code(users, 2L, "name", "Bob", "age", 200)).isEqualTo(codes().get(0));
    assertThat(code(users, 2L, "name", "Bob", "email", "a@b")).isEqualTo(codes().get(1));
    assertThat(code(jdbc.table("orders"), 1L, "customer", 99)).isEqualTo(codes().get(3));
  }

  @Test
  void p4_aRefusedBatchChangesNothingAndBlamesNoOneWrongly() {
    List<Outcome<Written<Row>>> outcomes =
        users.apply(
            List.of(
                new Change.Put<>(1L, row(users, "name", "a")),
                new Change.Put<>(2L, row(users, "name", "b", "age", 500)),
                new Change.Put<>(3L, row(users, "name", "c"))));
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Undone.class);
    assertThat(outcomes.get(1)).isInstanceOf(Outcome.Refused.class);
    assertThat(outcomes.get(2)).isInstanceOf(Outcome.Undone.class);
    assertThat(database.ask("select id from users")).isEmpty();
  }

  @Test
  void aTransactionIsAppliedWholeOrNotAtAll() {
    TableStore orders = jdbc.table("orders");
    Transaction good = both(1L, 10L, 1L);
    Transaction bad = both(2L, 20L, 99L);
    assertThat(jdbc.apply(List.of(bad)).get(0)).isInstanceOf(Outcome.Refused.class);
    assertThat(database.ask("select id from users")).isEmpty();
    List<Written<?>> written = applied(jdbc.apply(List.of(good)).get(0));
    assertThat(written).hasSize(2);
    assertThat(load(orders, 10L).get("customer")).isEqualTo(1L);
  }

  private Transaction both(long user, long order, long customer) {
    TableStore orders = jdbc.table("orders");
    return new Transaction(
        List.of(
            new Transaction.Part<>(users, new Change.Put<>(user, row(users, "name", "x"))),
            new Transaction.Part<>(
                orders, new Change.Put<>(order, row(orders, "customer", customer)))));
  }

  @Test
  void parentsAndChildrenInTurnsKeepTheirForeignKeys() {
    List<Transaction> transactions = new ArrayList<>();
    for (long i = 0; i < 50; i++) {
      transactions.add(both(i, i, i));
    }
    long before = jdbc.statements();
    jdbc.apply(transactions).forEach(TestDatabase::applied);
    assertThat(database.ask("select count(*) from orders")).containsExactly("50");
    assertThat(jdbc.statements() - before).isLessThanOrEqualTo(202);
    List<Transaction> removals = new ArrayList<>();
    for (long i = 0; i < 50; i++) {
      removals.add(Transaction.of(jdbc.table("orders"), new Change.Remove<>(i)));
      removals.add(Transaction.of(users, new Change.Remove<>(i)));
    }
    jdbc.apply(removals).forEach(TestDatabase::applied);
    assertThat(database.ask("select count(*) from users")).containsExactly("0");
  }

  @Test
  void aUniqueValueThatOneRowGivesUpAnotherCanTakeInTheSameBatch() {
    put(users, 1L, "name", "a", "email", "x@y");
    List<Outcome<Written<Row>>> outcomes =
        users.apply(
            List.of(
                new Change.Put<>(3L, row(users, "name", "c", "email", "c@y")),
                new Change.Remove<>(1L),
                new Change.Put<>(2L, row(users, "name", "b", "email", "x@y"))));
    outcomes.forEach(TestDatabase::applied);
  }

  @Test
  void compositeKeysAreListsInTheOrderOfThePrimaryKey() {
    put(users, 1L, "name", "a");
    put(jdbc.table("orders"), 17L, "customer", 1);
    TableStore lines = jdbc.table("lines");
    Object key = lines.table().parseKey("17:3");
    assertThat(key).isEqualTo(List.of(17L, 3L));
    put(lines, key, "what", "nails");
    put(lines, List.of(17L, 4L), "what", "glue");
    assertThat(load(lines, key).get("what")).isEqualTo("nails");
    Map<Object, Row> rows =
        lines.load(List.of(List.of(17L, 3L), List.of(17L, 4L), List.of(17L, 5L)));
    assertThat(rows).hasSize(2);
    assertThat(rows.get(List.of(17L, 4L)).get("what")).isEqualTo("glue");
    List<Outcome<Written<Row>>> outcomes =
        lines.apply(List.of(new Change.Remove<>(key), new Change.Remove<>(List.of(17L, 9L))));
    assertThat(applied(outcomes.get(0)).existed()).isTrue();
    assertThat(applied(outcomes.get(1)).existed()).isFalse();
    assertThat(lines.table().printKey(List.of(17L, 3L))).isEqualTo("17:3");
  }

  @Test
  void aWholeLoadedRowCanBePutBack() {
    put(users, 1L, "name", "Ann", "age", 3);
    Row row = load(users, 1L).with("name", "Eve");
    Written<Row> written = applied(apply(users, new Change.Put<>(1L, row)));
    assertThat(written.value()).isEqualTo(row);
  }

  // ---- verbs ----

  static Outcome.Refused<?> refused(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return (Outcome.Refused<?>) outcome;
  }

  static String code(TableStore store, Object key, Object... namesAndValues) {
    return refused(apply(store, new Change.Put<>(key, row(store, namesAndValues)))).cause().code();
  }

  void fill(int rows) {
    List<Change<Object, Row>> changes = new ArrayList<>();
    for (long id = 0; id < rows; id++) {
      changes.add(new Change.Put<>(id, row(users, "name", "n" + id)));
    }
    users.apply(changes).forEach(TestDatabase::applied);
  }

  static List<Object> keys(int from, int to) {
    return new ArrayList<>(IntStream.range(from, to).mapToObj(i -> (Object) (long) i).toList());
  }
}
