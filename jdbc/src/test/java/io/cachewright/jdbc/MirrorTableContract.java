// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.Columns;
import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.jdbc.type.Kind;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.MirrorTarget;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which tables a mirror takes, makes and refuses. One subclass per database. */
abstract class MirrorTableContract extends MirrorFixture {

  /** A shape that finds its stack full when it is told to. */
  private static final class Deep implements MirrorShape<String, String> {
    boolean full;

    private void descend() {
      if (full) {
        throw new StackOverflowError("in the middle");
      }
    }

    @Override
    public List<MirrorColumn> columns() {
      descend();
      return List.of(MirrorColumn.key("id", Kind.TEXT), MirrorColumn.of("name", Kind.TEXT));
    }

    @Override
    public Object key(String key) {
      return key;
    }

    @Override
    public Row row(String key, String value) {
      descend();
      return Row.ofAll(Columns.of("name"), value);
    }
  }

  private static final class OneEntry implements MirrorTarget.Entries<String, String> {
    private boolean given;

    @Override
    public @Nullable List<MirrorTarget.Mirrored<String, String>> next() {
      boolean again = given;
      given = true;
      return again ? null : List.of(new MirrorTarget.Mirrored<>("a", "Ann", 0));
    }

    @Override
    public long to() {
      return 1;
    }
  }

  @Test
  void p4_anErrorInAClaimOrInACopyLeavesNoTransactionOpen() {
    Deep shape = new Deep();
    MirrorTarget<String, String> names = database.open().mirror("names", shape);
    shape.full = true;
    assertThatThrownBy(() -> names.claim("log")).isInstanceOf(StackOverflowError.class);
    shape.full = false;
    FlushTarget.Claim claim = names.claim("log");
    shape.full = true;
    assertThatThrownBy(() -> names.copy("log", claim, OneEntry::new, refused -> {}))
        .isInstanceOf(StackOverflowError.class);
    shape.full = false;
    assertThat(names.copy("log", claim, OneEntry::new, refused -> {}))
        .isInstanceOf(FlushTarget.Flushed.Applied.class);
    assertThat(database.ask("select name from names")).containsExactly("Ann");
  }

  @Test
  void p10_aTableWithRowsOfSomebodyElseIsNotTouched() {
    database.run(
        "create table carts (key text primary key, owner text, items bigint, due date,"
            + " expires_at timestamptz)",
        "insert into carts (key, owner) values ('theirs', 'Zoe')");
    carts = carts(NOW);
    carts.put("a", cart("Ann", 1));
    assertThat(failure()).contains("has rows that this mirror has not written");
    restart();
    carts = carts(NOW);
    assertThat(failure()).contains("has rows that this mirror has not written");
    assertThat(database.ask("select key from carts")).containsExactly("theirs");
    database.run("delete from carts"); // by who may
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 1");
  }

  @Test
  void p10_aMirrorThatIsGivenAnotherTableDoesNotTakeItForItsOwn() {
    carts = carts(NOW);
    carts.put("a", cart("Ann", 1));
    cache.flush();
    database.run(
        "create table users (key text primary key, owner text, items bigint, due date,"
            + " expires_at timestamptz)",
        "insert into users (key, owner) values ('theirs', 'Zoe')");
    restart();
    carts = carts("users", NOW);
    assertThat(failure()).contains("has rows that this mirror has not written");
    assertThat(database.ask("select key from users")).containsExactly("theirs");
  }

  @Test
  void aTableWithoutTheColumnsIsRefusedWithTheSqlThatAddsThem() {
    database.run("create table carts (key text primary key, owner text)");
    carts = carts(NOW);
    carts.put("a", cart("Ann", 1));
    String message = failure();
    assertThat(message).contains("lacks columns");
    for (String sql : message.substring(message.indexOf("Run: ") + 5).split(";")) {
      database.run(sql);
    }
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 1");
  }

  @Test
  void aTableWithOtherTypesOrAnotherKeyIsRefusedWithTheSqlThatMakesIt() {
    database.run(
        "create table carts (key text primary key, owner text, items boolean, due date,"
            + " expires_at timestamptz)");
    carts = carts(NOW);
    assertThat(failure()).contains("items is boolean, and has to be").contains("create table");
    database.run("drop table carts");
    database.run(
        "create table carts (key text, owner text primary key, items bigint, due date,"
            + " expires_at timestamptz)");
    Awaitility.await().until(() -> failure().contains("its primary key is [owner]"));
    database.run("drop table carts");
    carts.put("a", cart("Ann", 1));
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 1");
  }

  @Test
  void aTableThatWasDroppedIsMadeAndCopiedAgain() {
    carts = carts(NOW);
    carts.put("a", cart("Ann", 1));
    cache.flush();
    restart();
    database.run("drop table carts");
    carts = carts(NOW);
    carts.put("b", cart("Bob", 1));
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 1", "b Bob 1");
  }

  @Test
  void aTableThatIsDroppedMeanwhileIsMadeAndCopiedAgain() {
    carts = carts(LATE.withMaxPending(5_000));
    carts.put("a", cart("Ann", 1));
    cache.flush();
    database.run("drop table carts");
    carts.put("b", cart("Bob", 1));
    cache.flush();
    assertThat(rows()).containsExactly("a Ann 1", "b Bob 1");
    assertThat(cache.parked().size()).isZero();
    database.run("drop table carts");
    for (int i = 0; i < 100; i++) { // beyond the bound
      carts.put("k" + i, cart("o", i));
    }
    cache.flush();
    assertThat(database.ask("select count(*) || '' from carts")).containsExactly("102");
  }

  @Test
  void whatHasNoColumnsIsRefusedWhenItIsOpened() {
    assertThatThrownBy(
            () ->
                cache
                    .keyspace("lists", String.class, List.class)
                    .record()
                    .mirror("lists", NOW)
                    .open())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("give a MirrorShape");
    assertThatThrownBy(
            () -> cache.keyspace("k", String.class, String.class).mirror("t", NOW).open())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("only a record keyspace can be mirrored");
  }
}
