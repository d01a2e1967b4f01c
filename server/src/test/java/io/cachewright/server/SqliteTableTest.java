// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.server.Catalog.Format;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** Rows of SQLite through the Redis protocol, with a key of two columns. */
class SqliteTableTest {
  @TempDir Path directory;

  @Test
  void rowsOfAKeyOfTwoColumns() {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    TestSql.sql(
        source,
        "create table lines (day text, number integer, amount integer not null,"
            + " primary key (day, number))");
    try (Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(source)).open()) {
      Catalog catalog = new Catalog(cache);
      cache.keyspace("lines").table("lines").writeThrough().open();
      catalog.addTable("lines", Format.HASH);
      try (CachewrightServer server = CachewrightServer.builder(catalog).port(0).start();
          RespClient client = new RespClient(server.port())) {
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
      }
    }
  }
}
