// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.TestSql.query;
import static io.cachewright.server.TestSql.sql;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.WriteBehindOptions;
import io.cachewright.engine.Engine;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.journal.JournalOptions;
import io.cachewright.server.Catalog.Format;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteDataSource;

/** Rows under write-behind through the Redis protocol, over a disk whose fsync can be held up. */
class WriteBehindTableTest extends HeldServerFixture {
  /** So that nothing is flushed unless a test asks for it. */
  private static final WriteBehindOptions LATE =
      WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1));

  private final SQLiteDataSource source = new SQLiteDataSource();
  private JdbcDatabase database;

  @BeforeEach
  void start() {
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    sql(source, "create table users (id integer primary key, name text, age integer)");
    sql(source, "create table notes (id integer primary key, title text, body text)");
    sql(source, "create table accounts (id integer primary key, money integer)");
    sql(source, "insert into users values (1, 'Ann', 30), (2, 'Bob', 40), (3, 'Cat', 50)");
    sql(source, "insert into accounts values (1, 100)");
    database = JdbcDatabase.of(source);
    open(Cachewright.builder().database(database), JournalOptions.DEFAULTS);
    Catalog catalog = new Catalog(cache);
    cache.keyspace("users").table("users").writeBehind(LATE).open();
    catalog.addTable("users", Format.HASH);
    cache.keyspace("notes").table("notes").writeBehind(LATE).open();
    catalog.addTable("notes", Format.JSON);
    cache.keyspace("accounts").table("accounts").writeThrough().open();
    catalog.addTable("accounts", Format.HASH);
    serve(catalog);
  }

  private long hits() {
    return Objects.requireNonNull(cache.engine().space("users")).stats().hits();
  }

  private long loads() {
    return Objects.requireNonNull(cache.engine().space("users")).stats().loads();
  }

  // ---- P3: what is not on disk is not shown ----

  /** Has a row changed whose change is not on disk. */
  private void changeWithHeldDisk(String command) {
    client.ask("HGETALL users:1");
    client.ask("HGETALL users:2");
    disk.hold();
    client.send(command);
    disk.awaitHeld();
  }

  /** Sends a reader's commands, and returns when they have found the row. */
  private void readUnsafe(RespClient reader, String... commands) {
    long before = hits();
    for (String command : commands) {
      reader.send(command);
    }
    try (RespClient third = new RespClient(server.port())) {
      while (hits() == before) {
        third.ask("PING");
      }
      for (int i = 0; i < 20; i++) {
        assertThat(third.ask("PING")).isEqualTo("PONG");
      }
    }
  }

  @Test
  void p3_a_reader_waits_until_what_it_would_see_is_on_disk() {
    changeWithHeldDisk("HSET users:1 name Zoe");
    for (String command : List.of("HGET users:1 name", "EXISTS users:1", "TTL users:1")) {
      try (RespClient reader = new RespClient(server.port())) {
        readUnsafe(reader, command);
        assertThat(reader.hasReply()).as(command).isFalse();
      }
    }
    readUnsafe(other, "HGET users:1 name");
    assertThat(other.hasReply()).isFalse();
    assertThat(client.hasReply()).isFalse();
    disk.release();
    assertThat(client.reply()).isEqualTo("(integer) 0");
    assertThat(other.reply()).isEqualTo("\"Zoe\"");
  }

  @Test
  void p3_whoever_changes_what_is_not_on_disk_waits_even_for_an_error() {
    changeWithHeldDisk("HSET users:1 age 31");
    for (String command :
        List.of("HSETNX users:1 age 1", "HINCRBY users:1 age 1", "HDEL users:1 age name")) {
      try (RespClient reader = new RespClient(server.port())) {
        readUnsafe(reader, command);
        assertThat(reader.hasReply()).as(command).isFalse();
      }
    }
    readUnsafe(other, "HINCRBY users:1 age " + Long.MAX_VALUE, "HINCRBY users:1 age " + 1);
    assertThat(other.hasReply()).isFalse();
    disk.release();
    assertThat(client.reply()).isEqualTo("(integer) 0");
    assertThat(other.reply()).isEqualTo("(integer) " + Long.MAX_VALUE);
    assertThat(other.reply()).startsWith("(error)").contains("overflow");
  }

  @Test
  void p1_no_reply_of_a_pipeline_leaves_before_its_newest_change_is_on_disk() {
    disk.hold();
    client.send("HSET users:1 name Zoe");
    disk.awaitHeld();
    client.send("HSET users:2 name Ben age 41");
    client.send("WAITAOF 1 0 0");
    client.send("HINCRBY users:2 age 1");
    client.send("CW.WAIT 30000");
    assertThat(other.ask("PING")).isEqualTo("PONG");
    assertThat(client.hasReply()).isFalse();
    disk.release();
    assertThat(client.reply()).isEqualTo("(integer) 0");
    assertThat(client.reply()).isEqualTo("(integer) 0");
    assertThat(client.reply()).isEqualTo("[(integer) 1, (integer) 0]");
    assertThat(client.reply()).isEqualTo("(integer) 42");
    assertThat(client.hasReply()).isFalse(); // for it asks for the database
    assertThat(other.ask("CW.FLUSH")).isEqualTo("OK");
    assertThat(client.reply()).isEqualTo("(integer) 1");
    assertThat(query(source, "select name || age from users where id = 2")).isEqualTo("Ben42");
  }

  @Test
  void p3_a_reader_waits_inside_a_transaction() {
    changeWithHeldDisk("HSET users:1 name Zoe");
    readUnsafe(other, "MULTI", "HGET users:1 name", "TTL users:1", "EXEC");
    assertThat(List.of(other.reply(), other.reply(), other.reply()))
        .containsExactly("OK", "QUEUED", "QUEUED");
    assertThat(other.hasReply()).isFalse();
    disk.release();
    assertThat(other.reply()).isEqualTo("[\"Zoe\", (integer) -1]");
  }

  @Test
  void p3_a_removal_is_not_shown_before_it_is_on_disk() {
    changeWithHeldDisk("DEL users:1");
    readUnsafe(other, "EXISTS users:1");
    assertThat(other.hasReply()).isFalse();
    disk.release();
    assertThat(other.reply()).isEqualTo("(integer) 0");
    assertThat(client.reply()).isEqualTo("(integer) 1");
  }

  @Test
  void p3_a_refresh_waits_for_what_is_laid_over_what_it_loads() {
    changeWithHeldDisk("HSET users:1 name Zoe");
    long before = loads();
    other.send("CW.REFRESH users:1");
    while (loads() == before) {
      Thread.onSpinWait();
    }
    try (RespClient third = new RespClient(server.port())) {
      for (int i = 0; i < 20; i++) {
        assertThat(third.ask("PING")).isEqualTo("PONG");
      }
    }
    assertThat(other.hasReply()).isFalse();
    disk.release();
    assertThat(other.reply()).isEqualTo("(integer) 1");
    assertThat(other.ask("HGET users:1 name")).isEqualTo("\"Zoe\"");
  }

  @Test
  void replies_stay_in_order_behind_one_that_waits_for_the_disk() {
    changeWithHeldDisk("HSET users:1 name Zoe");
    other.send("HGET users:2 name");
    assertThat(other.reply()).isEqualTo("\"Bob\"");
    other.send("HGET users:1 name");
    readUnsafe(other, "HGET users:2 name", "ECHO last", "HGET users:3 name");
    assertThat(other.hasReply()).isFalse();
    try (RespClient third = new RespClient(server.port())) {
      assertThat(third.ask("HGET users:2 age")).isEqualTo("\"40\"");
      assertThat(third.ask("SET plain 1")).isEqualTo("OK");
    }
    disk.release();
    assertThat(other.reply()).isEqualTo("\"Zoe\"");
    assertThat(other.reply()).isEqualTo("\"Bob\"");
    assertThat(other.reply()).isEqualTo("\"last\"");
    assertThat(other.reply()).isEqualTo("\"Cat\"");
  }

  @Test
  void after_a_failed_fsync_those_who_wait_get_an_error_and_other_rows_can_be_read() {
    changeWithHeldDisk("HSET users:1 name Zoe");
    readUnsafe(other, "HGET users:1 name");
    disk.fail();
    assertThat(client.reply()).startsWith("(error) CWJOURNAL").contains("the disk is broken");
    assertThat(client.isClosed()).isTrue(); // nobody knows what became of what it was told
    assertThat(other.reply()).startsWith("(error)");
    assertThat(other.ask("HGET users:1 name")).startsWith("(error)");
    assertThat(other.ask("HGET users:2 name")).isEqualTo("\"Bob\"");
    assertThat(other.ask("HGET users:3 name")).isEqualTo("\"Cat\"");
    assertThat(other.ask("HSET users:2 name Ben")).startsWith("(error)");
    assertThat(other.ask("HGET users:2 name")).isEqualTo("\"Bob\"");
  }

  // ---- rows ----

  @Test
  void writes_send_nothing_to_the_database_before_the_flush() {
    long before = database.statements();
    assertThat(
            client.pipeline(
                List.of(
                    "HSET users:1 age 31", // not in the cache: nothing is counted
                    "HSET users:9 name New age 9", // all columns: readable without a load
                    "HGETALL users:9",
                    "HSET users:9 name Newer",
                    "HSETNX users:9 age 1",
                    "HINCRBY users:9 age 1",
                    "HDEL users:9 name",
                    "HGETALL users:9",
                    "EXPIRE users:9 100",
                    "DEL users:3", // not in the cache: counted as if it had been there
                    "HSET users:3 name Cid",
                    "EXISTS users:3",
                    "DEL users:3",
                    "DEL users:3")))
        .containsExactly(
            "(integer) 0",
            "(integer) 0",
            "[\"id\", \"9\", \"name\", \"New\", \"age\", \"9\"]",
            "(integer) 0",
            "(integer) 0",
            "(integer) 10",
            "(integer) 1",
            "[\"id\", \"9\", \"age\", \"10\"]",
            "(integer) 1",
            "(integer) 1",
            "(integer) 1",
            "(integer) 1",
            "(integer) 1",
            "(integer) 0");
    assertThat(database.statements()).isEqualTo(before);
    assertThat(query(source, "select age from users where id = 1")).isEqualTo("30");
    cache.flush();
    assertThat(query(source, "select name || age from users where id = 1")).isEqualTo("Ann31");
    assertThat(query(source, "select name is null and age = 10 from users where id = 9"))
        .isEqualTo("1");
    assertThat(query(source, "select count(*) from users where id = 3")).isEqualTo("0");
  }

  @Test
  void documents_send_nothing_to_the_database_before_the_flush() {
    long before = database.statements();
    String whole = "{\"title\":\"a\",\"body\":\"b\"}";
    assertThat(client.askWords("SET", "notes:1", whole)).isEqualTo("OK");
    assertThat(client.askWords("MSET", "notes:2", whole, "notes:3", "{\"title\":\"c\"}"))
        .isEqualTo("OK");
    assertThat(client.ask("GET notes:1"))
        .isEqualTo("\"{\"id\":1,\"title\":\"a\",\"body\":\"b\"}\"");
    assertThat(client.askWords("SET", "notes:1", "{\"body\":\"d\"}", "XX", "KEEPTTL"))
        .isEqualTo("OK");
    assertThat(client.askWords("SET", "notes:1", whole, "NX")).isEqualTo("(nil)");
    assertThat(client.ask("GETDEL notes:2")).contains("\"title\":\"a\"");
    assertThat(client.ask("GET notes:2")).isEqualTo("(nil)");
    assertThat(database.statements()).isEqualTo(before);
    cache.flush();
    assertThat(query(source, "select group_concat(id || title || coalesce(body, '-')) from notes"))
        .isEqualTo("1ad,3c-");
    assertThat(client.askWords("SET", "notes:3", whole, "NX")).isEqualTo("(nil)");
  }

  @Test
  void a_row_of_some_columns_is_read_over_what_the_database_has() {
    assertThat(client.ask("HSET users:1 age 31")).isEqualTo("(integer) 0");
    assertThat(client.ask("HGETALL users:1"))
        .isEqualTo("[\"id\", \"1\", \"name\", \"Ann\", \"age\", \"31\"]");
    assertThat(client.ask("HSET users:8 name New")).isEqualTo("(integer) 0");
    assertThat(client.ask("HGETALL users:8")).isEqualTo("[\"id\", \"8\", \"name\", \"New\"]");
    assertThat(client.ask("HDEL users:7 name")).isEqualTo("(integer) 0");
    assertThat(client.ask("HDEL users:1 id")).startsWith("(error) CWBADVALUE");
    assertThat(client.ask("HSET users:1 id 2")).startsWith("(error) CWBADVALUE");
    cache.flush();
    assertThat(query(source, "select count(*) from users")).isEqualTo("4");
  }

  @Test
  void increments_of_many_clients_add_up() {
    List<RespClient> clients =
        Stream.generate(() -> new RespClient(server.port())).limit(8).toList();
    List<String> pipeline =
        new ArrayList<>(IntStream.range(0, 10).mapToObj(n -> "HINCRBY users:1 age 1").toList());
    for (int round = 0; round < 5; round++) {
      clients.forEach(each -> pipeline.forEach(each::send));
      for (RespClient each : clients) {
        pipeline.forEach(command -> assertThat(each.reply()).startsWith("(integer)"));
      }
    }
    clients.forEach(RespClient::close);
    assertThat(client.ask("HGET users:1 age")).isEqualTo("\"430\"");
    cache.flush();
    assertThat(query(source, "select age from users where id = 1")).isEqualTo("430");
  }

  @Test
  void p8_whole_rows_are_written_and_read_with_the_database_away() {
    sql(source, "drop table users");
    assertThat(client.ask("HSET users:9 name New age 9")).isEqualTo("(integer) 0");
    assertThat(client.ask("HINCRBY users:9 age 1")).isEqualTo("(integer) 10");
    assertThat(client.ask("CW.EVICT users:9")).isEqualTo("(integer) 1");
    assertThat(client.ask("HGET users:9 age")).isEqualTo("\"10\"");
    assertThat(client.ask("DEL users:1")).isEqualTo("(integer) 1");
    assertThat(client.ask("EXISTS users:1")).isEqualTo("(integer) 0");
    assertThat(client.ask("HGET users:2 name")).startsWith("(error)");
  }

  // ---- transactions ----

  @Test
  void exec_over_two_tables_is_one_record_of_the_journal() {
    Engine engine = cache.engine();
    long before = Objects.requireNonNull(engine.log()).journalStats().appended();
    assertThat(
            client.pipeline(
                List.of(
                    "MULTI",
                    "HINCRBY users:1 age 1",
                    "SET notes:1 {\"title\":\"t\",\"body\":\"b\"}",
                    "INCR plain",
                    "HGET users:1 age",
                    "EXEC")))
        .last()
        .isEqualTo("[(integer) 31, OK, (integer) 1, \"31\"]");
    assertThat(Objects.requireNonNull(engine.log()).journalStats().appended())
        .isEqualTo(before + 1);
    cache.flush();
    assertThat(query(source, "select age || title from users, notes where users.id = 1"))
        .isEqualTo("31t");
  }

  @Test
  void exec_with_keys_of_the_journal_and_of_the_database_is_refused_and_changes_nothing() {
    assertThat(
            client.pipeline(
                List.of(
                    "MULTI",
                    "HSET users:1 age 99",
                    "INCR plain",
                    "HSET accounts:1 money 1",
                    "EXEC")))
        .last()
        .asString()
        .startsWith("(error) EXECABORT")
        .contains("CWNOTALLOWED", "users", "accounts", "together");
    assertThat(client.ask("HGET users:1 age")).isEqualTo("\"30\"");
    assertThat(client.ask("HGET accounts:1 money")).isEqualTo("\"100\"");
    assertThat(client.ask("GET plain")).isEqualTo("(nil)");
    cache.flush();
    assertThat(query(source, "select age from users where id = 1")).isEqualTo("30");
  }
}
