// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.WriteBehindOptions;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.server.Catalog.Format;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** Rows of SQLite through the Redis protocol, with a key of two columns. */
class SqliteTableTest {
  @TempDir Path directory;

  /** A write-through keyspace of hashes over the one table of a new database. */
  private void serve(String table, String ddl, Consumer<RespClient> use) {
    serve(table, ddl, Format.HASH, use);
  }

  private void serve(String table, String ddl, Format format, Consumer<RespClient> use) {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    TestSql.sql(source, ddl);
    try (Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(source)).open()) {
      Catalog catalog = new Catalog(cache);
      cache.keyspace(table).table(table).writeThrough().open();
      catalog.addTable(table, format);
      try (CachewrightServer server = CachewrightServer.builder(catalog).port(0).start();
          RespClient client = new RespClient(server.port())) {
        use.accept(client);
      }
    }
  }

  @Test
  void rowsOfAKeyOfTwoColumns() {
    serve(
        "lines",
        "create table lines (day text, number integer, amount integer not null,"
            + " primary key (day, number))",
        client -> {
          assertThat(
                  client.pipeline(
                      List.of(
                          "HSET lines:a%3Ab:1 amount 5",
                          "HINCRBY lines:a%3Ab:1 amount 2",
                          "HGETALL lines:a%3Ab:1",
                          "HSET lines:x amount 1",
                          "HSET lines:c:2 number 2",
                          "EXISTS lines:a%3Ab:1 lines:c:2",
                          "DEL lines:a%3Ab:1",
                          "EXISTS lines:a%3Ab:1")))
              .satisfiesExactly(
                  reply -> assertThat(reply).isEqualTo("(integer) 1"),
                  reply -> assertThat(reply).isEqualTo("(integer) 7"),
                  reply ->
                      assertThat(reply)
                          .isEqualTo("[\"day\", \"a:b\", \"number\", \"1\", \"amount\", \"7\"]"),
                  reply -> assertThat(reply).startsWith("(error) CWBADVALUE"),
                  reply -> assertThat(reply).startsWith("(error) CW"),
                  reply -> assertThat(reply).isEqualTo("(integer) 1"),
                  reply -> assertThat(reply).isEqualTo("(integer) 1"),
                  reply -> assertThat(reply).isEqualTo("(integer) 0"));
        });
  }

  @Test
  void p4_aColumnThatTheDatabaseComputesIsRefusedAndNotLeftOutInSilence() {
    serve(
        "gen",
        "create table gen (id integer primary key, a int,"
            + " b int generated always as (a * 2) stored)",
        client -> {
          assertThat(client.ask("HSET gen:1 a 5")).isEqualTo("(integer) 1");
          for (String command :
              List.of(
                  "HSET gen:1 a 6 b 7", "HSETNX gen:2 b 5", "HINCRBY gen:1 b 5", "HDEL gen:1 b")) {
            assertThat(client.ask(command))
                .startsWith("(error) CWBADVALUE")
                .contains("b has its values from the database alone: leave it out");
          }
          assertThat(client.ask("HGETALL gen:1"))
              .isEqualTo("[\"id\", \"1\", \"a\", \"5\", \"b\", \"10\"]");
          assertThat(client.ask("EXISTS gen:2")).isEqualTo("(integer) 0");
        });
  }

  /** A client sends back what it got, and changes what it means to. */
  @Test
  void aDocumentMayNameAColumnThatTheDatabaseComputesWhichStaysTheDatabases() {
    String ddl =
        "create table gen (id integer primary key, a int,"
            + " b int generated always as (a * 2) stored)";
    serve(
        "gen",
        ddl,
        Format.JSON,
        client -> {
          assertThat(client.ask("SET gen:1 {\"a\":5,\"b\":99}")).isEqualTo("OK");
          assertThat(client.ask("GET gen:1")).isEqualTo("\"{\"id\":1,\"a\":5,\"b\":10}\"");
          assertThat(client.ask("SET gen:1 {\"id\":1,\"a\":6,\"b\":10}")).isEqualTo("OK");
          assertThat(client.ask("GET gen:1")).isEqualTo("\"{\"id\":1,\"a\":6,\"b\":12}\"");
          assertThat(client.ask("MSET gen:1 {\"b\":99}")).isEqualTo("OK");
          assertThat(client.ask("GET gen:1")).isEqualTo("\"{\"id\":1,\"a\":6,\"b\":12}\"");
        });
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    try (Cachewright cache =
        Cachewright.builder()
            .database(JdbcDatabase.of(source))
            .directory(directory.resolve("data"))
            .open()) {
      Catalog catalog = new Catalog(cache);
      WriteBehindOptions late = WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1));
      cache.keyspace("gen").table("gen").writeBehind(late).open();
      catalog.addTable("gen", Format.JSON);
      try (CachewrightServer server = CachewrightServer.builder(catalog).port(0).start();
          RespClient client = new RespClient(server.port())) {
        client.ask("GET gen:1");
        assertThat(client.ask("SET gen:1 {\"a\":7,\"b\":99}")).isEqualTo("OK");
        assertThat(client.ask("GET gen:1")).isEqualTo("\"{\"id\":1,\"a\":7,\"b\":12}\"");
        assertThat(client.ask("SET gen:2 {\"id\":2,\"a\":7,\"b\":99}")).isEqualTo("OK");
        assertThat(client.ask("GET gen:2")).isEqualTo("\"{\"id\":2,\"a\":7,\"b\":null}\"");
        client.ask("CW.FLUSH");
        assertThat(client.ask("GET gen:2")).isEqualTo("\"{\"id\":2,\"a\":7,\"b\":14}\"");
      }
    }
  }

  @Test
  void theEncodingOfADocumentIsOneOfAString() {
    serve(
        "docs",
        "create table docs (id integer primary key, a int)",
        Format.JSON,
        client ->
            assertThat(
                    client.pipeline(
                        List.of("SET docs:1 {\"a\":5}", "TYPE docs:1", "OBJECT ENCODING docs:1")))
                .containsExactly("OK", "string", "\"raw\""));
  }

  /** To parse a million digits took 18 s, in which nobody else was answered. */
  @Test
  void p7_aNumberOfAnyLengthIsRefusedAtOnce() {
    serve(
        "n",
        "create table n (id integer primary key, d numeric, r real)",
        client -> {
          String digits = "1".repeat(1_000_000);
          assertThat(client.ask("HSET n:1 d " + digits))
              .startsWith("(error) CWBADVALUE")
              .contains("in at most 20000 characters");
          assertThat(client.ask("HSET n:1 r " + digits)).startsWith("(error) CWBADVALUE");
          assertThat(client.ask("EXISTS n:1")).isEqualTo("(integer) 0");
        });
  }

  /** Written out it had a billion digits, and nobody else was answered for 8 s. */
  @Test
  void p7_aNumberOfAnyExponentIsRefusedAtOnce() {
    serve(
        "n",
        "create table n (id integer primary key, i integer, d numeric(9, 2), r real, t text)",
        Format.JSON,
        client -> {
          for (String column : List.of("i", "d", "r")) {
            assertThat(client.ask("SET n:1 {\"" + column + "\":1e99999999}"))
                .startsWith("(error) CWBADVALUE n." + column)
                .doesNotContain("00000");
          }
          assertThat(client.ask("SET n:1 {\"i\":1e3,\"d\":1.5e-2,\"r\":1e300,\"t\":-1e99999999}"))
              .isEqualTo("OK");
          assertThat(client.ask("GET n:1"))
              .isEqualTo(
                  "\"{\"id\":1,\"i\":1000,\"d\":0.02,\"r\":1.0E300,\"t\":\"-1E+99999999\"}\"");
        });
  }

  @Test
  void aRefusalHasItsCodeOnce() {
    serve(
        "n",
        "create table n (id integer primary key, d integer check (d > 0))",
        client ->
            assertThat(client.ask("HSET n:1 d 0"))
                .startsWith("(error) CWREFUSED [SQLITE_CONSTRAINT_CHECK] n 1: ")
                .containsOnlyOnce("SQLITE_CONSTRAINT_CHECK"));
  }

  @Test
  void aKeyOfTwoColumnsIsNamedAsTheClientDoes() {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    for (String table : List.of("l", "j")) {
      TestSql.sql(
          source, "create table " + table + " (day text, n integer, v text, primary key (day, n))");
    }
    try (Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(source)).open()) {
      Catalog catalog = new Catalog(cache);
      cache.keyspace("l").table("l").readThrough().open();
      catalog.addTable("l", Format.HASH);
      cache.keyspace("j").table("j").readThrough().open();
      catalog.addTable("j", Format.JSON);
      try (CachewrightServer server = CachewrightServer.builder(catalog).port(0).start();
          RespClient client = new RespClient(server.port())) {
        for (String command :
            List.of("HSET l:a%3Ab:1 v x", "HSETNX l:a%3Ab:1 v x", "SET j:a%3Ab:1 {\"v\":\"x\"}")) {
          assertThat(client.ask(command))
              .startsWith("(error) CWNOTALLOWED keyspace ")
              .contains(" is read-through: write ", ":a%3Ab:1 to the database");
        }
      }
    }
  }

  @Test
  void helpNamesTheCommandsOfEveryFamily() {
    try (Cachewright cache = Cachewright.builder().open();
        CachewrightServer server = CachewrightServer.builder(new Catalog(cache)).port(0).start();
        RespClient client = new RespClient(server.port())) {
      assertThat(client.ask("CW.HELP"))
          .contains("CW.EVICT: ", "CW.FLUSH: ", "CW.WAIT: ", "CW.PARKED: ", "CW.CLEAR: ");
    }
  }

  /** They were all the row of the replacement character. */
  @Test
  void keysThatAreNoTextAreRefused() {
    serve(
        "texts",
        "create table texts (k text primary key, a int)",
        client -> {
          for (String key : List.of("texts:\u00ff", "texts:a\u00fe", "texts:\u00c3")) {
            client.sendRaw("HSET " + key + " a 1\r\n");
            assertThat(client.reply()).startsWith("(error) CWBADVALUE").contains("is not UTF-8");
          }
          for (String key : List.of("texts:\u00c3\u00a9", "texts:\u00ef\u00bf\u00bd")) {
            client.sendRaw("HSET " + key + " a 1\r\n"); // é and the replacement character
            assertThat(client.reply()).isEqualTo("(integer) 1");
          }
        });
  }

  @Test
  void aFieldThatIsSaidTwiceIsOne() {
    serve(
        "twice",
        "create table twice (id integer primary key, a int, b int)",
        client -> {
          assertThat(client.ask("HSET twice:1 a 1 a 2")).isEqualTo("(integer) 1");
          assertThat(client.ask("HSET twice:1 b 1 b 2")).isEqualTo("(integer) 1");
          assertThat(client.ask("HGETALL twice:1"))
              .isEqualTo("[\"id\", \"1\", \"a\", \"2\", \"b\", \"2\"]");
        });
  }
}
