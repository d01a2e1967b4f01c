// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.ConfigurationException;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Refused;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.Transaction.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a flush of write-behind leaves in a real database. One subclass per database. */
abstract class FlushContract {
  private static final String LOG = "main";

  TestDatabase database;
  JdbcDatabase jdbc;
  FlushTarget target;
  TableStore users;
  TableStore orders;
  TableStore tree;

  /** What the last flush gave to be set aside. */
  final List<Refused> aside = new ArrayList<>();

  abstract TestDatabase create();

  /** The code of a check constraint that is violated. */
  abstract String checkViolation();

  @BeforeEach
  void open() {
    database = create();
    database.run(
        "create table users (id bigint primary key, name varchar(40) not null, city text,"
            + " visits integer default 0 not null check (visits >= 0))",
        "create table orders (id bigint primary key, user_id bigint not null references users,"
            + " note text)",
        "create table tree (id bigint primary key, parent bigint references tree, label text)",
        "create table emails (id bigint primary key, email varchar(40) not null unique)");
    jdbc = database.open();
    target = jdbc.flushTarget();
    users = jdbc.table("users");
    orders = jdbc.table("orders");
    tree = jdbc.table("tree");
  }

  @AfterEach
  void close() {
    database.close();
  }

  // ---- a small language ----

  static Part<?, ?> put(TableStore store, long id, Object... namesAndValues) {
    return new Part<>(store, new Change.Put<>(id, row(store, namesAndValues)));
  }

  static Part<?, ?> insert(TableStore store, long id, Object... namesAndValues) {
    return new Part<>(store, new Change.Insert<>(id, row(store, namesAndValues)));
  }

  static Part<?, ?> remove(TableStore store, long id) {
    return new Part<>(store, new Change.Remove<>(id));
  }

  static Stretch stretch(Claim claim, long to) {
    return new Stretch(LOG, claim.epoch(), claim.position(), to);
  }

  /** Flushes from where the log stands, whoever has claimed it. */
  Flushed flush(Part<?, ?>... changes) {
    return flush(List.of(changes));
  }

  Flushed flush(List<Part<?, ?>> changes) {
    Claim now = target.claim(LOG);
    aside.clear();
    return target.flush(changes, stretch(now, now.position() + 10), this::keep);
  }

  /** Flushes what is expected to be taken whole. */
  static Flushed flush(FlushTarget target, List<Part<?, ?>> changes, Stretch stretch) {
    return target.flush(
        changes,
        stretch,
        refused -> {
          throw new AssertionError(refused.toString());
        });
  }

  void keep(List<Refused> refused) {
    assertThat(aside).as("set aside before").isEmpty();
    assertThat(refused).isNotEmpty();
    aside.addAll(refused);
  }

  List<Integer> places() {
    return aside.stream().map(Refused::place).toList();
  }

  static void assertApplied(Flushed flushed) {
    assertThat(flushed)
        .withFailMessage(() -> "not applied: " + flushed)
        .isInstanceOf(Flushed.Applied.class);
  }

  List<String> names() {
    return database.ask("select name from users order by id");
  }

  @Test
  void p4_anErrorInTheMiddleOfAFlushLeavesNoTransactionOpen() {
    Claim now = target.claim(LOG);
    FlushTarget.Aside failing =
        new FlushTarget.Aside() {
          @Override
          public void take(List<Refused> refused) {}

          @Override
          public void committing() {
            throw new StackOverflowError("in the middle");
          }
        };
    List<Part<?, ?>> changes = List.of(put(users, 1, "name", "Ann"));
    assertThatThrownBy(() -> target.flush(changes, stretch(now, 10), failing))
        .isInstanceOf(StackOverflowError.class);
    TestDatabase.put(users, 2L, "name", "Bob");
    assertThat(names()).containsExactly("Bob");
    assertThat(target.read(LOG)).isEqualTo(now);
  }

  // ---- positions ----

  @Test
  void aLogIsClaimedAgainAndAgainAndKeepsItsPosition() {
    assertThat(target.read(LOG)).isEqualTo(new Claim(0, 0));
    Claim first = target.claim(LOG);
    assertThat(first).isEqualTo(new Claim(1, 0));
    assertApplied(flush(target, List.of(put(users, 1, "name", "Ann")), stretch(first, 7)));
    assertThat(target.read(LOG)).isEqualTo(new Claim(1, 7));
    assertThat(target.claim(LOG)).isEqualTo(new Claim(2, 7));
    assertThat(target.claim("other")).isEqualTo(new Claim(1, 0));
    assertThat(database.ask("select updated_at from cachewright_position")).doesNotContainNull();
  }

  @Test
  void aFlushWithoutChangesMovesThePosition() {
    assertApplied(flush());
    assertThat(target.read(LOG).position()).isEqualTo(10);
  }

  @Test
  void p1_whoeverClaimsTheLogStopsThoseBeforeHim() {
    Claim old = target.claim(LOG);
    Claim next = database.open().flushTarget().claim(LOG);
    Flushed late = flush(target, List.of(put(users, 1, "name", "Ann")), stretch(old, 5));
    assertThat(late).isEqualTo(new Flushed.Overtaken(next));
    assertThat(names()).isEmpty();
    assertApplied(flush(target, List.of(put(users, 1, "name", "Bob")), stretch(next, 5)));
    assertThat(names()).containsExactly("Bob");
  }

  @Test
  void p1_theSameStretchIsAppliedOnce() {
    Claim claim = target.claim(LOG);
    assertApplied(flush(target, List.of(put(users, 1, "name", "Ann")), stretch(claim, 5)));
    database.run("update users set name = 'by another'");
    assertThat(flush(target, List.of(put(users, 1, "name", "Ann")), stretch(claim, 5)))
        .isEqualTo(new Flushed.Overtaken(new Claim(1, 5)));
    assertThat(names()).containsExactly("by another");
  }

  @Test
  void aPositionThatWasAlteredOrIsGoneStopsTheFlush() {
    Claim claim = target.claim(LOG);
    List<Part<?, ?>> changes = List.of(put(users, 1, "name", "Ann"));
    for (long altered : new long[] {-3, 99}) {
      database.run("update cachewright_position set position = " + altered);
      assertThat(flush(target, changes, stretch(claim, 5)))
          .isEqualTo(new Flushed.Overtaken(new Claim(1, altered)));
    }
    database.run("delete from cachewright_position");
    assertThat(flush(target, changes, stretch(claim, 5)))
        .isEqualTo(new Flushed.Overtaken(new Claim(0, 0)));
    assertThat(names()).isEmpty();
  }

  @Test
  void aPositionThatCannotBeNotedIsNoChangesFault() {
    Claim claim = target.claim(LOG);
    database.run(
        "drop table cachewright_position", "create table cachewright_position (log text, x int)");
    Flushed flushed = flush(target, List.of(put(users, 1, "name", "Ann")), stretch(claim, 5));
    assertThat(flushed).isInstanceOf(Flushed.TryAgain.class);
    assertThat(((Flushed.TryAgain) flushed).cause())
        .hasMessageContaining("cachewright_position")
        .hasMessageContaining("create table");
    assertThat(names()).isEmpty();
    assertThatThrownBy(() -> target.claim(LOG))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("(log text not null primary key, epoch bigint not null");
    database.run("drop table cachewright_position");
    assertThat(target.claim(LOG)).isEqualTo(new Claim(1, 0));
  }

  @Test
  void aLogsNameIsChecked() {
    assertThatThrownBy(() -> target.claim("x".repeat(101)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("1 to 100");
  }

  @Test
  void processesThatStartAtOnceAllGetAClaimOfTheirOwn() throws Exception {
    ExecutorService processes = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 5; round++) {
        database.run("drop table if exists cachewright_position");
        CyclicBarrier together = new CyclicBarrier(4);
        Callable<Long> process =
            () -> {
              FlushTarget own = database.open().flushTarget();
              together.await();
              return own.claim(LOG).epoch();
            };
        List<Long> epochs = new ArrayList<>();
        for (Future<Long> each : processes.invokeAll(Collections.nCopies(4, process))) {
          epochs.add(each.get(30, TimeUnit.SECONDS));
        }
        assertThat(epochs).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
      }
    } finally {
      processes.shutdownNow();
    }
  }

  @Test
  void theTableForPositionsIsNotAmongThoseForKeyspaces() {
    target.claim(LOG);
    assertThat(jdbc.tables()).extracting(Table::name).doesNotContain("cachewright_position");
    assertThatThrownBy(() -> jdbc.table("cachewright_positions"))
        .isInstanceOf(ConfigurationException.class)
        .satisfies(error -> assertThat(error.getMessage()).doesNotContain("mean"));
  }

  // ---- changes ----

  @Test
  void changesOfEveryKindAndOfTheSameKeyInOrder() {
    database.run(
        "insert into users (id, name, city) values (1, 'old', 'Rome'), (2, 'old', 'Oslo')");
    assertApplied(
        flush(
            put(users, 1, "name", "a"),
            put(users, 1, "name", "b", "visits", 3),
            insert(users, 2, "name", "not taken"),
            insert(users, 3, "name", "c"),
            put(users, 4, "name", "gone"),
            remove(users, 4),
            remove(users, 5),
            put(users, 5, "name", "e"),
            remove(users, 1),
            put(users, 1, "name", "again"),
            put(users, 1, "city", "Bern")));
    assertThat(database.ask("select id || name || coalesce(city, '-') || visits from users"))
        .containsExactlyInAnyOrder("1againBern0", "2oldOslo0", "3c-0", "5e-0");
  }

  @Test
  void p9_aRowThatLacksColumnsUpdatesThoseItNamesAndIsRefusedWhereThereIsNone() {
    database.run(
        "insert into users (id, name, city, visits) values (1, 'Ann', 'Rome', 3),"
            + " (2, 'Bob', 'Oslo', 4), (3, 'Cid', null, 5)");
    assertApplied(flush(put(users, 1, "city", "Bern"), put(users, 2, "city", null), put(users, 3)));
    assertThat(database.ask("select name || coalesce(city, '-') || visits from users order by id"))
        .containsExactly("AnnBern3", "Bob-4", "Cid-5");
    assertApplied(
        flush(put(users, 1, "city", "x"), put(users, 9, "city", "y"), put(users, 2, "city", "z")));
    assertThat(places()).containsExactly(1);
    assertThat(aside.get(0).cause()).hasMessageContaining("users 9");
    assertThat(database.ask("select city from users order by id")).containsExactly("x", "z", null);
    assertApplied(flush(insert(users, 1, "city", "not taken"), insert(users, 9, "city", "y")));
    assertThat(places()).containsExactly(1);
    assertThat(database.ask("select city from users where id = 1")).containsExactly("x");
  }

  @Test
  void parentsAndChildrenComeInAnyOrder() {
    List<Part<?, ?>> changes = new ArrayList<>();
    for (long id = 1; id <= 20; id++) {
      changes.add(put(users, id, "name", "user " + id));
      changes.add(put(orders, id, "user_id", id));
      changes.add(put(orders, 100 + id, "user_id", 21 - id, "note", "b"));
    }
    long seed = System.nanoTime();
    for (int round = 0; round < 5; round++) {
      Collections.shuffle(changes, new Random(seed + round));
      assertApplied(flush(changes));
      List<Part<?, ?>> removals = new ArrayList<>();
      changes.forEach(
          each -> removals.add(remove((TableStore) each.store(), (long) each.change().key())));
      Collections.shuffle(removals, new Random(seed + round));
      assertThat(database.ask("select count(*) from orders")).containsExactly("40");
      assertApplied(flush(removals));
      assertThat(database.ask("select count(*) from orders")).as("seed %d", seed).contains("0");
      assertThat(names()).isEmpty();
    }
  }

  @Test
  void aChildMovesToANewParentAndTheOldOneGoes() {
    assertApplied(flush(put(users, 1, "name", "old"), put(orders, 1, "user_id", 1)));
    assertApplied(
        flush(remove(users, 1), put(orders, 1, "user_id", 2), put(users, 2, "name", "new")));
    assertThat(database.ask("select user_id from orders")).containsExactly("2");
  }

  @Test
  void rowsOfATableThatRefersToItselfComeInAnyOrder() {
    List<Part<?, ?>> changes = new ArrayList<>();
    for (long id = 1; id <= 60; id++) {
      Long parent = id == 1 ? null : id / 2;
      changes.add(
          id % 3 == 0
              ? put(tree, id, "parent", parent, "label", "x")
              : put(tree, id, "parent", parent));
    }
    long seed = System.nanoTime();
    Collections.shuffle(changes, new Random(seed));
    assertApplied(flush(changes));
    List<Part<?, ?>> removals = new ArrayList<>();
    changes.forEach(each -> removals.add(remove(tree, (long) each.change().key())));
    assertApplied(flush(removals));
    assertThat(database.ask("select count(*) from tree")).as("seed %d", seed).contains("0");
  }

  @Test
  void aUniqueValueGoesFromARowThatIsRemovedToAnother() {
    TableStore emails = jdbc.table("emails");
    assertApplied(flush(put(emails, 1, "email", "a"), put(emails, 2, "email", "b")));
    assertApplied(
        flush(
            remove(emails, 1),
            put(emails, 3, "email", "a"),
            put(emails, 2, "email", "c"),
            put(emails, 4, "email", "b")));
    assertThat(database.ask("select email from emails order by id")).containsExactly("c", "a", "b");
    assertApplied(flush(put(emails, 5, "email", "d"), put(emails, 6, "email", "a")));
    assertThat(places()).containsExactly(1);
    assertThat(aside.get(0).cause()).hasMessageContaining("emails 6");
    assertThat(target.read(LOG).position()).isEqualTo(30);
  }

  @Test
  void aMissingParentIsRefused() {
    assertApplied(flush(put(orders, 1, "user_id", 7)));
    assertThat(places()).containsExactly(0);
    assertThat(aside.get(0).cause()).hasMessageContaining("write the row it refers to first");
    assertThat(target.read(LOG).position()).isEqualTo(10);
  }

  @Test
  void tenThousandRowsNewAndAgainAndHalfNew() {
    for (int from : new int[] {0, 0, 5_000}) {
      List<Part<?, ?>> changes = new ArrayList<>();
      for (long id = from; id < from + 10_000; id++) {
        changes.add(put(users, id, "name", "user " + id, "city", "from " + from));
      }
      assertApplied(flush(changes));
    }
    assertThat(database.ask("select count(*) from users where name = 'user ' || id"))
        .containsExactly("15000");
    assertThat(database.ask("select count(*) from users where city = 'from 0'"))
        .containsExactly("5000");
  }

  @Test
  void aColumnThatIsGoneIsRefusedByName() {
    Claim claim = target.claim(LOG);
    List<Part<?, ?>> changes =
        List.of(put(users, 1, "name", "a", "city", "x"), put(users, 2, "name", "b", "city", "y"));
    database.run("alter table users drop column city");
    assertApplied(target.flush(changes, stretch(claim, 5), this::keep));
    assertThat(places()).containsExactly(0, 1);
    assertThat(aside.get(1).cause()).hasMessageContaining("users 2").hasMessageContaining("city");
    assertThat(names()).isEmpty();
  }
}
