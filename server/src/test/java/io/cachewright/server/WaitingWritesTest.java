// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.TestSql.query;
import static io.cachewright.server.TestSql.sql;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.journal.Durability;
import io.cachewright.journal.JournalOptions;
import io.cachewright.server.Catalog.Format;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that write faster than PostgreSQL, or the journal's disk, takes it. */
class WaitingWritesTest extends HeldServerFixture {
  private static final KeyspaceOptions PATIENT =
      KeyspaceOptions.DEFAULT.toBuilder().waitMax(Duration.ofSeconds(50)).build();
  private static final KeyspaceOptions HASTY =
      KeyspaceOptions.DEFAULT.toBuilder().waitMax(Duration.ofMillis(30)).build();

  /** The bound brings about a flush, and nothing else does. */
  private static final WriteBehindOptions TINY =
      WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1)).withMaxPending(2_000);

  private static EmbeddedPostgres postgres;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private HikariDataSource pool;

  @BeforeAll
  static void startPostgres() throws IOException {
    postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
  }

  @AfterAll
  static void stopPostgres() throws IOException {
    postgres.close();
  }

  @BeforeEach
  void start() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(postgres.getPostgresDatabase());
    config.setMaximumPoolSize(4);
    pool = new HikariDataSource(config);
    sql(pool, "drop table if exists users, others, cachewright_position");
    sql(pool, "create table users (id bigint primary key, name text, age integer)");
    sql(pool, "create table others (id bigint primary key, name text)");
    open(
        Cachewright.builder().database(JdbcDatabase.of(pool)).meters(meters),
        new JournalOptions(Durability.FSYNC, 64 << 10, 1_000, 4_000));
    Catalog catalog = new Catalog(cache, Pattern.RECORD, PATIENT);
    catalog.addPlain("hasty", Pattern.RECORD, HASTY);
    cache.keyspace("users").table("users").options(PATIENT).writeBehind(TINY).open();
    cache.keyspace("others").table("others").options(HASTY).writeBehind(TINY).open();
    catalog.addTable("users", Format.HASH);
    catalog.addTable("others", Format.HASH);
    serve(catalog);
  }

  @Override
  @AfterEach
  void stop() {
    super.stop();
    pool.close();
  }

  /** While it is open, the database takes no writes. */
  private Connection hold(String table) throws SQLException {
    Connection holder = postgres.getPostgresDatabase().getConnection();
    holder.setAutoCommit(false);
    try (Statement run = holder.createStatement()) {
      run.execute("lock table " + table + " in exclusive mode");
    }
    return holder;
  }

  private void awaitWaiting() {
    Awaitility.await().until(() -> meters.get("cachewright.waiting").gauge().value() > 0);
  }

  private static void send(RespClient to, List<String> commands) {
    commands.forEach(to::send);
  }

  private static List<String> replies(RespClient from, int number) {
    List<String> replies = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      replies.add(from.reply());
    }
    return replies;
  }

  // ---- rows, at max-pending ----

  @Test
  void p7_aPipelineOfWritesWaitsWhileTheDatabaseIsHeldAndIsMade() throws SQLException {
    List<String> writes =
        IntStream.range(0, 300).mapToObj(i -> "HSET users:" + i + " name n" + i).toList();
    try (Connection holder = hold("users")) {
      send(client, writes);
      awaitWaiting();
      assertThat(other.ask("PING")).isEqualTo("PONG");
      holder.rollback();
    }
    assertThat(replies(client, 300)).allMatch(reply -> reply.startsWith("(integer)"));
    assertThat(client.ask("CW.FLUSH")).isEqualTo("OK");
    assertThat(query(pool, "select count(*) from users where name = 'n' || id")).isEqualTo("300");
  }

  @Test
  void p3_aReadSeesTheWritesThatWaitedBeforeItOnItsConnection() throws SQLException {
    try (Connection holder = hold("users")) {
      for (int i = 0; i < 50; i++) {
        client.send("HSET users:" + i + " name before age 1");
        client.send("HSET users:" + i + " name a" + i);
        client.send("HINCRBY users:" + i + " age 1");
      }
      awaitWaiting();
      client.send("HMGET users:49 name age");
      client.send("MULTI");
      client.send("HSET users:49 name b");
      client.send("HINCRBY users:49 age 1");
      client.send("EXEC");
      client.send("HSET users:49 age 7");
      client.send("HMGET users:49 name age");
      holder.rollback();
    }
    assertThat(replies(client, 150)).allMatch(reply -> reply.startsWith("(integer)"));
    assertThat(client.reply()).isEqualTo("[\"a49\", \"2\"]");
    assertThat(replies(client, 3)).containsExactly("OK", "QUEUED", "QUEUED");
    assertThat(client.reply()).isEqualTo("[(integer) 0, (integer) 3]");
    assertThat(client.reply()).isEqualTo("(integer) 0");
    assertThat(client.reply()).isEqualTo("[\"b\", \"7\"]");
    assertThat(client.ask("CW.FLUSH")).isEqualTo("OK");
    assertThat(query(pool, "select count(*) from users where age = 2 and name = 'a' || id"))
        .isEqualTo("49");
  }

  @Test
  void p7_afterTheLongestWaitAWriteIsRefusedByName() throws SQLException {
    try (Connection holder = hold("others")) {
      send(client, IntStream.range(0, 50).mapToObj(i -> "HSET others:" + i + " name n").toList());
      List<String> refused =
          replies(client, 50).stream().filter(reply -> reply.contains("CWLIMIT")).toList();
      assertThat(refused)
          .isNotEmpty()
          .allMatch(reply -> reply.contains("keyspace others") && reply.contains("max-pending"))
          .allMatch(reply -> reply.contains("gave up after 30 ms"));
      assertThat(client.ask("HSET users:1 name others-do-not-wait")).startsWith("(integer)");
      holder.rollback();
      assertThat(client.ask("CW.FLUSH")).isEqualTo("OK");
      int made = 50 - refused.size();
      assertThat(query(pool, "select count(*) from others")).isEqualTo(String.valueOf(made));
    }
  }

  @Test
  void p3_aPlainKeyIsWrittenAfterATransactionThatWaits() throws SQLException {
    try (Connection holder = hold("users")) {
      send(other, IntStream.range(0, 20).mapToObj(i -> "HSET users:" + i + " name n").toList());
      awaitWaiting();
      send(client, List.of("MULTI", "HSET users:90 name n", "SET a 1", "EXEC"));
      send(client, List.of("APPEND a 2", "GET a"));
      holder.rollback();
    }
    assertThat(replies(client, 3)).containsExactly("OK", "QUEUED", "QUEUED");
    assertThat(client.reply()).isEqualTo("[(integer) 0, OK]");
    assertThat(client.reply()).isEqualTo("(integer) 2");
    assertThat(client.reply()).isEqualTo("\"12\"");
  }

  // ---- plain keys, at the journal's bound ----

  @Test
  void p7_plainKeysWaitForTheJournalInOrder() {
    disk.hold();
    send(client, IntStream.range(0, 300).mapToObj(i -> "INCR counter").toList());
    send(client, List.of("SET a 1", "MULTI", "INCR counter", "APPEND a 2", "EXEC", "GET a"));
    awaitWaiting();
    assertThat(other.ask("PING")).isEqualTo("PONG");
    assertThat(client.hasReply()).isFalse();
    disk.release();
    for (int i = 1; i <= 300; i++) {
      assertThat(client.reply()).isEqualTo("(integer) " + i);
    }
    assertThat(replies(client, 4)).containsExactly("OK", "OK", "QUEUED", "QUEUED");
    assertThat(client.reply()).isEqualTo("[(integer) 301, (integer) 2]");
    assertThat(client.reply()).isEqualTo("\"12\"");
  }

  @Test
  void p7_transactionsOfPlainKeysWaitForTheJournal() {
    String large = "v".repeat(700);
    assertThat(client.ask("WATCH counter")).isEqualTo("OK");
    disk.hold();
    send(other, IntStream.range(0, 20).mapToObj(i -> "SET other" + i + " " + large).toList());
    awaitWaiting();
    send(client, List.of("MULTI", "INCR counter", "HSET h f 1", "EXEC", "GET counter"));
    disk.release();
    assertThat(replies(client, 3)).containsExactly("OK", "QUEUED", "QUEUED");
    assertThat(client.reply()).isEqualTo("[(integer) 1, (integer) 1]");
    assertThat(client.reply()).isEqualTo("\"1\"");
    assertThat(replies(other, 20)).containsOnly("OK");
  }

  @Test
  void p7_plainKeysAreRefusedByNameAfterTheLongestWait() {
    String large = "v".repeat(700);
    disk.hold();
    send(other, IntStream.range(0, 20).mapToObj(i -> "SET other" + i + " " + large).toList());
    awaitWaiting();
    client.send("SET hasty:1 " + large);
    client.send("GET hasty:1");
    assertThat(client.reply())
        .startsWith("(error) CWLIMIT journal: ")
        .contains("waitingBytesMax is 4000; gave up after 30 ms");
    disk.release();
    assertThat(client.reply()).isEqualTo("(nil)");
    assertThat(replies(other, 20)).containsOnly("OK");
  }
}
