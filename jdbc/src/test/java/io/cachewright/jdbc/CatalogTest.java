// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.applied;
import static io.cachewright.jdbc.TestDatabase.apply;
import static io.cachewright.jdbc.TestDatabase.load;
import static io.cachewright.jdbc.TestDatabase.put;
import static io.cachewright.jdbc.TestDatabase.remove;
import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is read from PostgreSQL's catalog, and what follows from it. */
class CatalogTest {
  private TestPostgres database;
  private JdbcDatabase jdbc;

  @BeforeEach
  void open() {
    database = TestPostgres.create();
    jdbc = database.open();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void mixedNamesAndSchemasAreFound() {
    database.run(
        "create schema \"My Shop\"",
        "create table \"My Shop\".\"Order \"\"Lines\"\"\""
            + " (\"Line No\" int primary key, \"a.b\" text)");
    TableStore store = jdbc.table("\"My Shop\".\"Order \"\"Lines\"\"\"");
    put(store, 1L, "a.b", "x");
    assertThat(load(store, 1L).get("a.b")).isEqualTo("x");
    assertThat(store.table()).hasToString("\"My Shop\".\"Order \"\"Lines\"\"\"");
  }

  @Test
  void anUnquotedNameIsTakenToTheLetterFirstAndThenInSmallLetters() {
    database.run("create table users (id int primary key)");
    assertThat(jdbc.table("Users").table().name()).isEqualTo("users");
    database.run("create table \"Users\" (id int primary key)");
    assertThat(jdbc.table("Users").table().name()).isEqualTo("Users");
    assertThat(jdbc.table("PUBLIC.users").table().name()).isEqualTo("users");
    assertThatThrownBy(() -> jdbc.table("\"USERS\"")).isInstanceOf(ConfigurationException.class);
  }

  @Test
  void oneTableIsOneStoreHoweverItIsNamed() {
    database.run("create table users (id int primary key)");
    assertThat(jdbc.table("users")).isSameAs(jdbc.table("public.users"));
  }

  @Test
  void anUnknownTableIsAnsweredWithTheNamesNearIt() {
    database.run(
        "create table customers (id int primary key)",
        "create schema shop",
        "create table shop.orders (id int primary key)");
    assertThatThrownBy(() -> jdbc.table("custmers"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("did you mean customers?");
    assertThatThrownBy(() -> jdbc.table("orders")).hasMessageContaining("shop.orders");
    assertThatThrownBy(() -> jdbc.table("zzzzzzzz")).hasMessageContaining("customers, shop.orders");
    assertThatThrownBy(() -> jdbc.table("a.b.c")).hasMessageContaining("is no table name");
  }

  @Test
  void aTableWithoutPrimaryKeySaysWhatToDo() {
    database.run("create table log (line text)", "create table blobs (id bytea primary key)");
    assertThatThrownBy(() -> jdbc.table("log"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("no primary key")
        .hasMessageContaining("alter table public.log add primary key");
    assertThatThrownBy(() -> jdbc.table("blobs"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("public.blobs.id")
        .hasMessageContaining("bytea");
  }

  @Test
  void aKeyOfACollationToWhichDifferentTextsAreOneIsRefused() {
    database.run(
        "create collation nocase"
            + " (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "create domain folded as text collate nocase",
        "create table users (id text collate nocase primary key, v int)",
        "create table parts (a int, b folded, primary key (a, b))",
        "create table names (id text collate \"C\" primary key, name text collate nocase)");
    for (String table : List.of("users", "parts")) {
      assertThatThrownBy(() -> jdbc.table(table))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("public." + table)
          .hasMessageContaining("collation nocase")
          .hasMessageContaining("in a cache they would be two");
    }
    assertThat(jdbc.table("names").table().unusable()).isNull();
  }

  @Test
  void allTablesAreListedWithTheirForeignKeys() {
    database.run(
        "create table a (id int primary key)",
        "create table b (y int, x int, a int references a(id), primary key (x, y))",
        "create table c (x int, y int, foreign key (x, y) references b(x, y))",
        "create table parted (id int, primary key (id)) partition by range (id)",
        "create table parted_1 partition of parted for values from (0) to (9)",
        "create table cachewright_position (log text primary key)");
    List<Table> tables = jdbc.tables();
    assertThat(tables).map(Table::name).containsExactly("a", "b", "c", "parted");
    assertThat(tables.get(1).keyColumns()).map(Column::name).containsExactly("x", "y");
    assertThat(tables.get(1).foreignKeys())
        .containsExactly(new ForeignKey(List.of("a"), "public", "a", List.of("id")));
    assertThat(tables.get(2).unusable()).contains("no primary key");
    assertThat(tables.get(2).foreignKeys())
        .containsExactly(new ForeignKey(List.of("x", "y"), "public", "b", List.of("x", "y")));
    assertThat(tables.get(0).unusable()).isNull();
  }

  @Test
  void aPartitionedTableIsWrittenToLikeAnyOther() {
    database.run(
        "create table parted (id int primary key, v int) partition by range (id)",
        "create table parted_1 partition of parted for values from (0) to (9)");
    TableStore store = jdbc.table("parted");
    assertThat(put(store, 1L, "v", 1).existed()).isFalse();
    Written<Row> again = put(store, 1L, "v", 2);
    assertThat(again.value().get("v")).isEqualTo(2L);
    assertThat(again.existed()).isTrue();
    Row row = Row.empty(store.table().rowColumns());
    assertThat(
            store.apply(
                List.of(
                    new Change.Put<>(1L, row.with("v", 3L)),
                    new Change.Put<>(2L, row.with("v", 3L)),
                    new Change.Put<>(3L, row.with("v", 3L)))))
        .extracting(outcome -> applied(outcome).existed())
        .containsExactly(true, false, false);
  }

  @Test
  void generatedColumnsAreReadAndNeverWritten() {
    database.run(
        "create table g (id int primary key, a int, b int generated always as (a * 2) stored)");
    TableStore store = jdbc.table("g");
    assertThat(put(store, 1L, "a", 2).value().get("b")).isEqualTo(4L);
    Row row = load(store, 1L).with("a", 5L);
    Written<Row> written = applied(apply(store, new Change.Put<>(1L, row)));
    assertThat(written.value().get("b")).isEqualTo(10L);
    assertThat(store.table().column("b").generated()).isTrue();
  }

  @Test
  void anIdentityKeyCanBeGiven() {
    database.run(
        "create table i (id bigint generated always as identity primary key, v int)",
        "insert into i (v) values (1)");
    TableStore store = jdbc.table("i");
    assertThat(put(store, 7L, "v", 2).existed()).isFalse();
    assertThat(put(store, 1L, "v", 3).existed()).isTrue();
    assertThat(load(store, 7L).get("v")).isEqualTo(2L);
  }

  @Test
  void columnsKnowTheirDefaultsAndDomains() {
    database.run(
        "create domain code as text not null",
        "create domain counted as int default 3",
        "create table d (id serial primary key, a int not null default 1, b code, c counted,"
            + " e int not null)");
    Table table = jdbc.table("d").table();
    assertThat(table.column("id").hasDefault()).isTrue();
    assertThat(table.column("a").isRequired()).isFalse();
    assertThat(table.column("b").isRequired()).isTrue();
    assertThat(table.column("c").hasDefault()).isTrue();
    assertThat(table.column("e").isRequired()).isTrue();
    assertThatThrownBy(() -> table.column("e").check(null))
        .isInstanceOf(BadValueException.class)
        .hasMessageContaining("public.d.e cannot be NULL");
    assertThatThrownBy(() -> table.column("zz"))
        .hasMessageContaining("public.d has no column zz; it has id, a, b, c, e");
  }

  @Test
  void whatABeforeTriggerMakesOfARowIsTold() {
    database.run(
        "create table t (id int primary key, v text not null, by_trigger text)",
        "create function up() returns trigger language plpgsql as"
            + " 'begin new.v := upper(new.v); new.by_trigger := ''yes''; return new; end'",
        "create trigger up before insert or update on t for each row execute function up()");
    TableStore store = jdbc.table("t");
    assertThat(put(store, 1L, "v", "ann").value().toMap())
        .containsEntry("v", "ANN")
        .containsEntry("by_trigger", "yes");
  }

  @Test
  void whatAnAfterTriggerMakesOfARowIsTold() {
    database.run(
        "create table t (id int primary key, v int, twice int)",
        "create function twice() returns trigger language plpgsql as"
            + " 'begin if new.twice is distinct from new.v * 2 then"
            + " update t set twice = v * 2 where id = new.id; end if; return null; end'",
        "create trigger twice after insert or update on t for each row execute function twice()");
    TableStore store = jdbc.table("t");
    assertThat(put(store, 1L, "v", 2).value().get("twice")).isEqualTo(4L);
    Written<Row> written = put(store, 1L, "v", 3);
    assertThat(written.value().get("twice")).isEqualTo(6L);
    assertThat(written.existed()).isTrue();
  }

  @Test
  void aRowThatATriggerSkipsIsToldAsItIsThen() {
    database.run(
        "create table t (id int primary key, v int)",
        "insert into t values (1, 1)",
        "create function skip() returns trigger language plpgsql as 'begin return null; end'",
        "create trigger skip before insert or update or delete on t for each row"
            + " execute function skip()");
    TableStore store = jdbc.table("t");
    assertThat(put(store, 1L, "v", 2).value().get("v")).isEqualTo(1L);
    assertThat(put(store, 2L, "v", 2).value()).isNull();
    assertThat(remove(store, 1L).existed()).isFalse();
    assertThat(load(store, 1L)).isNotNull();
  }

  @Test
  void aMissingPermissionSaysWhatToGrant() {
    database.run(
        "drop role if exists reader",
        "create role reader login",
        "create table open (id int primary key, v int)",
        "create table shut (id int primary key)",
        "grant select on open to reader");
    try (var pool = TestPostgres.pool(database.url(TestPostgres.port(), "reader"), 1)) {
      JdbcDatabase asReader = JdbcDatabase.of(pool);
      assertThatThrownBy(() -> asReader.table("shut"))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("may not be read by reader")
          .hasMessageContaining("grant select");
      TableStore open = asReader.table("open");
      var refused = StoreContract.refused(apply(open, new Change.Put<>(1L, row(open, "v", 1))));
      assertThat(refused.cause().code()).isEqualTo("42501");
      assertThat(refused.cause())
          .hasMessageContaining("public.open 1")
          .hasMessageContaining("grant");
    } finally {
      database.run("drop owned by reader", "drop role reader");
    }
  }

  @Test
  void whatAPrimaryKeyOnlyIncludesIsNoPartOfIt() {
    database.run(
        "create table wide (id bigint, name text, primary key (id) include (name))",
        "insert into wide values (1, 'a')");
    TableStore wide = jdbc.table("wide");
    assertThat(wide.table().keyColumns()).extracting(Column::name).containsExactly("id");
    TestDatabase.put(wide, 1L, "name", "b");
    assertThat(database.ask("select name from wide")).containsExactly("b");
  }
}
