// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.TestSql.query;
import static io.cachewright.server.TestSql.sql;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.WriteBehindOptions;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.server.Catalog.Format;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of write-behind, over PostgreSQL. */
class WriteBehindCommandsTest {
  private static EmbeddedPostgres postgres;

  @TempDir Path directory;
  private HikariDataSource pool;
  private Cachewright cache;
  private CachewrightServer server;
  private RespClient client;

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
    sql(pool, "drop table if exists users, cachewright_position");
    sql(
        pool,
        "create table users (id bigint primary key, name text, age integer check (age < 200))");
    cache =
        Cachewright.builder()
            .database(JdbcDatabase.of(pool))
            .directory(directory)
            .drain(Duration.ZERO)
            .open();
    cache
        .keyspace("users")
        .table("users")
        .writeBehind(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1)))
        .open();
    Catalog catalog = new Catalog(cache);
    catalog.addTable("users", Format.HASH);
    server = CachewrightServer.builder(catalog).port(0).start();
    client = new RespClient(server.port());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    cache.close();
    pool.close();
  }

  @Test
  void p1_aFlushBringsWhatWasWrittenToTheDatabase() {
    client.ask("HSET users:1 name Ann age 30");
    assertThat(client.ask("HGET users:1 name")).isEqualTo("\"Ann\"");
    assertThat(query(pool, "select name from users where id = 1")).isEqualTo("no row");
    assertThat(client.ask("CW.WAIT 1")).isEqualTo("(integer) 0");
    assertThat(client.ask("WAITAOF 1 0 0")).isEqualTo("[(integer) 1, (integer) 0]");
    assertThat(client.ask("CW.FLUSH")).isEqualTo("OK");
    assertThat(query(pool, "select name from users where id = 1")).isEqualTo("Ann");
    assertThat(client.ask("CW.WAIT 0")).isEqualTo("(integer) 1");
    client.ask("DEL users:1");
    assertThat(client.ask("CW.FLUSH users")).isEqualTo("OK");
    assertThat(query(pool, "select name from users where id = 1")).isEqualTo("no row");
  }

  @Test
  void whatCannotBeWaitedForIsAnError() {
    assertThat(client.ask("CW.FLUSH nobody")).contains("ERR no keyspace nobody");
    assertThat(client.ask("CW.WAIT -1")).contains("ERR timeout is negative");
    assertThat(client.ask("WAITAOF 2 0 0")).contains("between 0 and 1");
    assertThat(client.ask("WAITAOF 0 1 10")).isEqualTo("[(integer) 0, (integer) 0]");
    assertThat(client.ask("CW.PARKED 77")).contains("CWBADVALUE nothing is parked under 77");
    assertThat(client.ask("CW.RETRY 77")).contains("CWBADVALUE nothing is parked under 77");
    assertThat(client.ask("CW.DISCARD 77")).contains("CWBADVALUE nothing is parked under 77");
    assertThat(client.ask("CW.PARKED 99999999999999999999")).contains("not an integer");
    assertThat(client.ask("CW.PARKED nobody")).contains("ERR no keyspace nobody");
  }

  @Test
  void p6_parkedChangesAreListedMendedRetriedAndDiscarded() {
    client.ask("HSET users:1 name Ann age 30");
    client.ask("HSET users:2 name Old age 900");
    client.ask("HSET users:3 name Older age 901");
    assertThat(client.ask("CW.FLUSH")).isEqualTo("OK");
    assertThat(query(pool, "select count(*) from users")).isEqualTo("1");
    assertThat(client.ask("CW.PARKED"))
        .contains("\"users:2\"", "\"put\"", "name=Old, age=900", "\"23514\"", "users:3");
    assertThat(client.ask("CW.PARKED 1")).contains("\"tries\", \"1\"");
    assertThat(client.ask("HGET users:2 name")).isEqualTo("\"Old\"");
    assertThat(client.ask("CW.RETRY 1")).contains("\"tries\", \"2\"");
    assertThat(client.ask("CW.RETRY 1 age x")).contains("CWBADVALUE");
    assertThat(client.ask("CW.RETRY 1 age 90")).isEqualTo("[]");
    assertThat(query(pool, "select age from users where id = 2")).isEqualTo("90");
    assertThat(client.ask("CW.RETRY ALL")).isEqualTo("[(integer) 0, (integer) 1]");
    assertThat(client.ask("CW.DISCARD 2")).isEqualTo("OK");
    assertThat(client.ask("CW.PARKED")).isEqualTo("[]");
    assertThat(client.ask("HGETALL users:3")).isEqualTo("[]");
  }

  @Test
  void theLagIsShown() {
    client.ask("HSET users:1 name Ann");
    assertThat(client.ask("CW.INFO users"))
        .contains("\"lag-changes\", (integer) 1", "journal-bytes", "\"parked\", (integer) 0");
    assertThat(client.ask("INFO persistence")).contains("lag_changes=1", "aof_enabled:1");
    client.ask("CW.FLUSH");
    assertThat(client.ask("CW.INFO users"))
        .contains("\"lag-changes\", (integer) 0", "\"flushes\", (integer) 1");
  }
}
