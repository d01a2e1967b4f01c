// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.RefusedException;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Refused;
import io.cachewright.store.Transaction.Part;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a flush does about changes that the database refuses for good. */
abstract class RefusalContract extends FlushContract {

  private static Part<?, ?> bad(TableStore users, long id) {
    return put(users, id, "name", "bad " + id, "visits", -1);
  }

  @Test
  void p6_oneBadAmongManyIsSetAsideAndTheRestIsApplied() {
    assertApplied(
        flush(
            put(users, 1, "name", "Ann"),
            put(users, 2, "name", "Bob", "visits", -1),
            put(orders, 3, "user_id", 1),
            put(users, 4, "name", "Dan", "visits", 4)));
    assertThat(places()).containsExactly(1);
    RefusedException cause = aside.get(0).cause();
    assertThat(cause.code()).isEqualTo(checkViolation());
    assertThat(cause).hasMessageContaining("users 2");
    assertThat(names()).containsExactly("Ann", "Dan");
    assertThat(database.ask("select user_id from orders")).containsExactly("1");
    assertThat(target.read("main").position()).isEqualTo(10);
  }

  @Test
  void p6_allAreSetAsideIfAllAreBad() {
    assertApplied(flush(bad(users, 1), bad(users, 2), bad(users, 3)));
    assertThat(places()).containsExactly(0, 1, 2);
    assertThat(names()).isEmpty();
    assertThat(target.read("main").position()).isEqualTo(10);
  }

  @Test
  void p6_tenBadOfThreeThousand() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 3; round++) {
      Set<Integer> bad = new TreeSet<>();
      while (bad.size() < 10) {
        bad.add(random.nextInt(3_000));
      }
      List<Part<?, ?>> changes = new ArrayList<>();
      for (int id = 0; id < 3_000; id++) {
        changes.add(
            bad.contains(id) ? bad(users, id) : put(users, id, "name", "user", "visits", round));
      }
      assertApplied(flush(changes));
      assertThat(places()).as("seed %d", seed).containsExactlyElementsOf(bad);
      assertThat(database.ask("select count(*) from users where visits = " + round))
          .containsExactly("2990");
    }
    assertThat(database.ask("select count(*) from users where visits < 0")).containsExactly("0");
  }

  @Test
  void p6_aLaterChangeOfTheSameKeyIsNotApplied() {
    assertApplied(
        flush(
            put(users, 1, "name", "first"),
            bad(users, 1),
            put(users, 1, "name", "later"),
            put(users, 2, "name", "other"),
            bad(users, 2),
            remove(users, 2),
            bad(users, 2)));
    assertThat(places()).containsExactly(1, 4);
    assertThat(names()).containsExactly("first", "other");
  }

  @Test
  void p6_aChildOfARefusedParentIsRefused() {
    assertApplied(
        flush(
            put(orders, 1, "user_id", 1),
            put(orders, 2, "user_id", 2),
            bad(users, 1),
            put(users, 2, "name", "Bob"),
            put(orders, 1, "note", "behind the one refused")));
    assertThat(places()).containsExactly(0, 2);
    assertThat(aside.get(0).cause()).hasMessageContaining("write the row it refers to first");
    assertThat(database.ask("select user_id from orders")).containsExactly("2");
    assertThat(names()).containsExactly("Bob");
  }

  @Test
  void p6_aParentThatIsStillReferredToStays() {
    database.run(
        "insert into users (id, name) values (1, 'Ann'), (2, 'Bob'), (3, 'Cid')",
        "insert into orders (id, user_id) values (1, 1), (2, 2), (3, 3)");
    assertApplied(
        flush(
            remove(users, 1),
            remove(users, 2),
            remove(users, 3),
            remove(orders, 3),
            remove(orders, 1)));
    assertThat(places()).containsExactly(1);
    assertThat(names()).containsExactly("Bob");
  }

  @Test
  void p6_rowsThatMakeRoomForEachOtherAreNotTakenForBad() {
    TableStore emails = jdbc.table("emails");
    database.run("insert into emails (id, email) values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')");
    assertApplied(
        flush(
            put(emails, 1, "email", "b"),
            put(emails, 2, "email", "c"),
            put(emails, 3, "email", "d"),
            put(emails, 4, "email", "e"),
            put(emails, 5, "email", "e"),
            bad(users, 1)));
    assertThat(places()).containsExactly(4, 5);
    assertThat(database.ask("select email from emails order by id"))
        .containsExactly("b", "c", "d", "e");
  }

  @Test
  void p6_rowsOfATableThatRefersToItselfWithOneThatIsBad() {
    List<Part<?, ?>> changes = new ArrayList<>();
    for (long id = 1; id <= 60; id++) {
      changes.add(put(tree, id, "parent", id == 1 ? null : id == 8 ? 999 : id / 2));
    }
    long seed = System.nanoTime();
    Collections.shuffle(changes, new Random(seed));
    assertApplied(flush(changes));
    // 8 has no parent; below it are 16, 17, and 32 to 35.
    assertThat(aside.stream().map(each -> (long) changes.get(each.place()).change().key()))
        .as("seed %d", seed)
        .containsExactlyInAnyOrder(8L, 16L, 17L, 32L, 33L, 34L, 35L);
    List<Part<?, ?>> removals = new ArrayList<>();
    changes.forEach(each -> removals.add(remove(tree, (long) each.change().key())));
    database.run("insert into tree (id, parent) values (100, 30)");
    assertApplied(flush(removals));
    assertThat(database.ask("select id from tree order by id"))
        .as("seed %d", seed)
        .containsExactly("1", "3", "7", "15", "30", "100");
  }

  @Test
  void p6_whatIsRefusedOnlyAtCommitIsFound() {
    database.run(
        "create table late (id bigint primary key,"
            + " other bigint references late deferrable initially deferred,"
            + " user_id bigint references users deferrable initially deferred)");
    TableStore late = jdbc.table("late");
    List<Part<?, ?>> changes = new ArrayList<>();
    for (long id = 1; id <= 600; id++) {
      // In pairs that refer to each other, but for one row whose like is not there.
      Long other = id == 77 ? 9_999 : id % 2 == 0 ? id - 1 : id + 1;
      changes.add(put(late, id, "other", other, "user_id", id == 300 ? 5L : 1L));
    }
    changes.add(put(users, 1, "name", "Ann"));
    assertApplied(flush(changes));
    assertThat(places()).contains(76, 299).doesNotContain(600);
    assertThat(aside.get(0).cause()).hasMessageContaining("late 77");
    assertThat(aside.get(0).cause()).hasMessageContaining("write the row it refers to first");
    // And those that refer to them, each in its pair.
    assertThat(places()).containsExactly(76, 77, 298, 299);
    assertThat(database.ask("select count(*) from late")).containsExactly("596");
  }

  @Test
  void p6_whatIsSetAsideIsGivenOnceBeforeTheCommit() {
    Claim claim = target.claim("main");
    List<List<Refused>> given = new ArrayList<>();
    Flushed flushed =
        target.flush(
            List.of(put(users, 1, "name", "Ann"), bad(users, 2)),
            stretch(claim, 5),
            refused -> {
              given.add(refused);
              assertThat(names()).isEmpty();
              assertThat(target.read("main").position()).isZero();
            });
    assertApplied(flushed);
    assertThat(given).hasSize(1);
    assertThat(names()).containsExactly("Ann");
    assertThat(target.read("main").position()).isEqualTo(5);
  }

  @Test
  void p2_nothingIsAppliedIfWhatIsRefusedCannotBeKept() {
    Claim claim = target.claim("main");
    IllegalStateException full = new IllegalStateException("no room left");
    Flushed flushed =
        target.flush(
            List.of(put(users, 1, "name", "Ann"), bad(users, 2)),
            stretch(claim, 5),
            refused -> {
              throw full;
            });
    assertThat(flushed).isInstanceOf(Flushed.TryAgain.class);
    StoreAwayException cause = ((Flushed.TryAgain) flushed).cause();
    assertThat(cause).hasMessageContaining("could not be set aside").hasCause(full);
    assertThat(names()).isEmpty();
    assertThat(target.read("main")).isEqualTo(claim);
  }

  @Test
  void p6_aValueThatCannotBeBoundIsSetAside() {
    int visits = users.table().rowColumns().indexOf("visits");
    Object value =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };
    Row row = TestDatabase.row(users, "name", "x").with(visits, value);
    Part<?, ?> broken = new Part<>(users, new Change.Put<Object, Row>(2L, row));
    assertApplied(flush(put(users, 1, "name", "Ann"), broken, put(users, 3, "name", "Cid")));
    assertThat(places()).containsExactly(1);
    assertThat(names()).containsExactly("Ann", "Cid");
  }
}
