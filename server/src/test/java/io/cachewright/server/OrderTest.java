// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.engine.Watch;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.journal.Durability;
import io.cachewright.server.Catalog.Format;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/**
 * What is sent at once is done as if it were sent one by one, although writes of rows take time and
 * commands on plain keys do not.
 */
class OrderTest {
  @TempDir Path directory;
  private Cachewright cache;
  private Catalog catalog;
  private CachewrightServer server;
  private RespClient client;

  @BeforeEach
  void start() {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    TestSql.sql(source, "create table users (id integer primary key, age integer)");
    TestSql.sql(source, "create table items (id integer primary key, size integer)");
    cache =
        Cachewright.builder()
            .database(JdbcDatabase.of(source))
            .directory(directory.resolve("data"))
            .durability(Durability.OS)
            .open();
    catalog = new Catalog(cache);
    cache.keyspace("users").table("users").writeThrough().open();
    catalog.addTable("users", Format.HASH);
    cache.keyspace("items").table("items").writeThrough().open();
    catalog.addTable("items", Format.JSON);
    catalog.addPlain("carts", Pattern.RECORD, KeyspaceOptions.DEFAULT);
    server = CachewrightServer.builder(catalog).port(0).start();
    client = new RespClient(server.port());
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    cache.close();
  }

  private List<String> pipeline(String... commands) {
    return client.pipeline(List.of(commands));
  }

  @Test
  void p3_plainKeysThatAreWrittenWithRowsAreWrittenBeforeWhatFollows() {
    assertThat(pipeline("SET a old", "MSET items:1 {\"size\":1} a new", "GET a"))
        .containsExactly("OK", "OK", "\"new\"");
    assertThat(pipeline("DEL items:1 a", "SET a 1")).containsExactly("(integer) 2", "OK");
    assertThat(client.ask("GET a")).isEqualTo("\"1\"");
    assertThat(pipeline("HSET users:1 age 1", "CW.EVICT users:1 a", "SET a 2"))
        .containsExactly("(integer) 1", "(integer) 2", "OK");
    assertThat(client.ask("GET a")).isEqualTo("\"2\"");
  }

  @Test
  void p3_plainKeysThatAreReadWithRowsAreReadBeforeWhatFollows() {
    assertThat(pipeline("SET a 1", "HSET users:1 age 1", "MGET items:1 a", "SET a 2"))
        .containsExactly("OK", "(integer) 1", "[(nil), \"1\"]", "OK");
  }

  @Test
  void p3_whatIsEmptiedIsEmptiedBeforeWhatFollows() {
    assertThat(pipeline("SET a 1", "HSET users:1 age 1", "FLUSHALL", "GET a", "SET a 2").get(3))
        .isEqualTo("(nil)");
    assertThat(client.ask("GET a")).isEqualTo("\"2\"");
    pipeline("HSET users:1 age 2", "MULTI", "FLUSHALL", "EXEC", "SET a 3");
    assertThat(client.ask("GET a")).isEqualTo("\"3\"");
    assertThat(pipeline("SET carts:1 x", "CW.CLEAR carts", "SET carts:1 y"))
        .containsExactly("OK", "(integer) 1", "OK");
    assertThat(client.ask("GET carts:1")).isEqualTo("\"y\"");
  }

  /** Their changes of plain keys would be made before those of the commands on plain keys alone. */
  @Test
  void aTransactionHasNoCommandOnRowsAndPlainKeysTogether() {
    client.ask("HSET users:1 age 1");
    List<String> mixes =
        List.of("DEL a users:1", "MGET a items:1", "MSET a 3 items:1 {}", "CW.EVICT users:1 a");
    for (String mix : mixes) {
      List<String> replies = pipeline("SET a 1", "MULTI", "SET a 2", mix, "EXEC", "GET a");
      assertThat(replies.get(4))
          .startsWith("(error) EXECABORT Transaction discarded because of: CWNOTALLOWED ")
          .contains("CWNOTALLOWED " + mix.substring(0, mix.indexOf(' ')), "s:1 is a row, a is not")
          .contains("Send two commands");
      assertThat(replies).endsWith("\"1\"");
    }
    assertThat(pipeline("MULTI", "SET a 2", "DEL a", "DEL users:1", "GET a", "EXEC"))
        .endsWith("[OK, (integer) 1, (integer) 1, (nil)]");
  }

  @Test
  void p3_whoLooksAtAllKeysSeesTheRowsWrittenBefore() {
    assertThat(pipeline("HSET users:1 age 1", "KEYS users:*", "SET a 1"))
        .containsExactly("(integer) 1", "[\"users:1\"]", "OK");
    assertThat(pipeline("DEL users:1", "KEYS users:*")).endsWith("[]");
    assertThat(pipeline("HSET users:2 age 1", "SCAN 0 MATCH users:*"))
        .endsWith("[\"0\", [\"users:2\"]]");
    assertThat(pipeline("DEL users:2", "DBSIZE", "SET b 1")).endsWith("(integer) 1", "OK");
    assertThat(pipeline("DEL a b")).endsWith("(integer) 2");
    assertThat(pipeline("HSET users:3 age 1", "RANDOMKEY")).endsWith("\"users:3\"");
    assertThat(pipeline("DEL users:3", "MULTI", "DBSIZE", "SET a 1", "DBSIZE", "EXEC"))
        .endsWith("[(integer) 0, OK, (integer) 1]");
    assertThat(pipeline("HSET users:4 age 1", "KEYS", "SCAN x").subList(1, 3))
        .containsExactly(
            "(error) ERR wrong number of arguments for 'keys' command",
            "(error) ERR invalid cursor");
  }

  @Test
  void whatWasAskedBeforeTheEndOfInputIsAnswered() {
    try (CachewrightServer nio = CachewrightServer.builder(catalog).port(0).nio().start()) {
      for (int port : List.of(server.port(), nio.port())) {
        client.ask("HSET users:1 age 1");
        client.ask("CW.EVICT users:1");
        try (RespClient ending = new RespClient(port)) {
          ending.send("HGET users:1 age");
          ending.send("HSET users:1 age 2");
          ending.send("MGET items:1 a"); // pauses: what follows is not run yet when the end comes
          ending.send("HGET users:1 age");
          ending.sendRaw("*2\r\n$3\r\nGET"); // no whole command
          ending.endOutput();
          assertThat(List.of(ending.reply(), ending.reply(), ending.reply(), ending.reply()))
              .containsExactly("\"1\"", "(integer) 0", "[(nil), (nil)]", "\"2\"");
          assertThat(ending.isClosed()).isTrue();
        }
        try (RespClient idle = new RespClient(port)) {
          idle.endOutput();
          assertThat(idle.isClosed()).isTrue();
        }
      }
    }
  }

  @Test
  void aWatchBeginsBeforeWhatFollowsAndSeesIt() {
    for (int age = 1; age < 30; age++) {
      assertThat(
              pipeline(
                  "HSET users:1 age " + age,
                  "WATCH users:2",
                  "HSET users:2 age " + age,
                  "MULTI",
                  "PING",
                  "EXEC"))
          .endsWith("(nil)");
    }
  }

  @Test
  void noWatchIsLeftAfterWhatEndsIt() {
    try (RespClient other = new RespClient(server.port())) {
      pipeline("HSET users:1 age 1", "WATCH users:2", "MULTI", "PING", "EXEC");
      other.ask("HSET users:2 age 3");
      assertThat(pipeline("MULTI", "PING", "EXEC")).endsWith("[PONG]");
      pipeline("HSET users:1 age 2", "WATCH users:2", "UNWATCH");
      other.ask("HSET users:2 age 4");
      assertThat(pipeline("MULTI", "PING", "EXEC")).endsWith("[PONG]");
    }
  }

  /** To forget 200,000 watches of one key took more than a second under the write lock. */
  @Test
  void p7_aKeyThatIsWatchedAgainIsWatchedOnce() {
    Transaction transaction = new Transaction();
    for (int i = 0; i < 3; i++) {
      transaction.watch(new Plan.Spot(catalog.plain().space(), Bytes.of("a")));
    }
    transaction.watch(new Plan.Spot(catalog.plain().space(), Bytes.of("b")));
    assertThat(transaction.takeWatches()).hasSize(2).allSatisfy(Watch::close);
  }

  @Test
  void aReplyIsInTheVersionInWhichItWasAskedFor() {
    client.ask("HELLO 3");
    String map = client.ask("HGETALL users:1");
    pipeline("HSET users:1 age 1");
    assertThat(pipeline("HSET users:1 age 2", "HGETALL users:9", "RESET").get(1)).isEqualTo(map);
    String array = client.ask("HGETALL users:1");
    assertThat(pipeline("HSET users:1 age 2", "HGETALL users:1", "HELLO 3").get(1))
        .isEqualTo(array);
  }
}
