// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.TestSql.query;
import static io.cachewright.server.TestSql.sql;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.KeyspaceBuilder;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.Row;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.server.Catalog.Format;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of PostgreSQL through the Redis protocol, and the promises about them. */
class TableTest {
  private static EmbeddedPostgres postgres;

  private HikariDataSource pool;
  private JdbcDatabase database;
  private Cachewright cache;
  private Catalog catalog;
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
    sql(pool, "drop table if exists users, people, products");
    sql(
        pool,
        "create table users (id bigint primary key, name varchar(20) not null default 'nobody',"
            + " age integer check (age < 200), email text unique, picture bytea)");
    sql(
        pool,
        "create table products (id bigint primary key, name text, price numeric(9,2), tags jsonb,"
            + " made timestamptz, sold boolean, picture bytea)");
    sql(
        pool,
        "insert into users (id, name, age)"
            + " select n, 'user' || n, n from generate_series(1, 100) n");
    sql(pool, "create table people as select * from users");
    sql(pool, "alter table people add primary key (id)");
    sql(
        pool,
        "insert into products (id, name, price, tags) values (1, 'tea', 3.50, '[\"hot\", 1]')");
    database = JdbcDatabase.of(pool);
    cache = Cachewright.builder().database(database).open();
    catalog = new Catalog(cache);
    open("users", "users").writeThrough().open();
    catalog.addTable("users", Format.HASH);
    open("people", "people").readThrough().open();
    catalog.addTable("people", Format.HASH);
    open("products", "products").writeThrough().open();
    catalog.addTable("products", Format.JSON);
    catalog.addPlain("sessions", Pattern.LOOK_ASIDE, KeyspaceOptions.DEFAULT);
    server = CachewrightServer.builder(catalog).port(0).start();
    client = new RespClient(server.port());
  }

  private KeyspaceBuilder<Object, Row> open(String name, String table) {
    return cache.keyspace(name).table(table);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    cache.close();
    pool.close();
  }

  // ---- rows as hashes ----

  @Test
  void aRowIsAHash() {
    assertThat(client.ask("HGETALL users:7"))
        .isEqualTo("[\"id\", \"7\", \"name\", \"user7\", \"age\", \"7\"]");
    assertThat(client.ask("HGET users:7 name")).isEqualTo("\"user7\"");
    assertThat(client.ask("HGET users:7 email")).isEqualTo("(nil)");
    assertThat(client.ask("HMGET users:7 age email name")).isEqualTo("[\"7\", (nil), \"user7\"]");
    assertThat(client.ask("HLEN users:7")).isEqualTo("(integer) 3");
    assertThat(client.ask("HKEYS users:7")).isEqualTo("[\"id\", \"name\", \"age\"]");
    assertThat(client.ask("HVALS users:7")).isEqualTo("[\"7\", \"user7\", \"7\"]");
    assertThat(client.ask("HEXISTS users:7 email")).isEqualTo("(integer) 0");
    assertThat(client.ask("HSTRLEN users:7 name")).isEqualTo("(integer) 5");
    assertThat(client.ask("EXISTS users:7 users:1000 plain")).isEqualTo("(integer) 1");
    assertThat(client.ask("TYPE users:7")).isEqualTo("hash");
    assertThat(client.ask("TYPE users:1000")).isEqualTo("none");
    assertThat(client.ask("HGETALL users:1000")).isEqualTo("[]");
    assertThat(client.ask("HSCAN users:7 0 MATCH n*")).isEqualTo("[\"0\", [\"name\", \"user7\"]]");
  }

  @Test
  void whatIsSetIsInTheTable() {
    assertThat(client.ask("HSET users:7 name Ann age 30")).isEqualTo("(integer) 0");
    assertThat(query(pool, "select name || age from users where id = 7")).isEqualTo("Ann30");
    assertThat(client.ask("HSET users:500 name New")).isEqualTo("(integer) 1");
    assertThat(query(pool, "select name from users where id = 500")).isEqualTo("New");
    assertThat(client.ask("HMSET users:7 age 31")).isEqualTo("OK");
    assertThat(client.ask("HINCRBY users:7 age 2")).isEqualTo("(integer) 33");
    assertThat(client.ask("HSETNX users:7 age 1")).isEqualTo("(integer) 0");
    assertThat(client.ask("HSETNX users:7 email a@b")).isEqualTo("(integer) 1");
    assertThat(client.ask("HDEL users:7 email age picture")).isEqualTo("(integer) 2");
    assertThat(query(pool, "select age from users where id = 7")).isEqualTo("null");
    assertThat(client.ask("DEL users:7 users:500 users:1000")).isEqualTo("(integer) 2");
    assertThat(query(pool, "select count(*) from users where id in (7, 500)")).isEqualTo("0");
  }

  @Test
  void p9_aWriteTouchesOnlyTheColumnsItNames() {
    client.ask("HGETALL users:7");
    sql(pool, "update users set age = 99 where id = 7");
    client.ask("HSET users:7 name Ann");
    assertThat(query(pool, "select age from users where id = 7")).isEqualTo("99");
    assertThat(client.ask("HGET users:7 age")).isEqualTo("\"99\"");
  }

  @Test
  void bytesTravelRaw() {
    assertThat(client.askWords("HSET", "users:7", "picture", "\u0000\u00ff\r\n"))
        .isEqualTo("(integer) 0");
    assertThat(client.ask("HGET users:7 picture")).isEqualTo("\"\u0000\u00ff\r\n\"");
    assertThat(query(pool, "select encode(picture, 'hex') from users where id = 7"))
        .isEqualTo("00ff0d0a");
  }

  // ---- rows as documents ----

  @Test
  void aRowIsADocument() {
    assertThat(client.ask("GET products:1"))
        .isEqualTo(
            "\"{\"id\":1,\"name\":\"tea\",\"price\":3.50,\"tags\":[\"hot\",1],\"made\":null,"
                + "\"sold\":null,\"picture\":null}\"");
    assertThat(client.ask("GET products:2")).isEqualTo("(nil)");
    assertThat(client.ask("MGET products:1 products:2 plain"))
        .contains("tea")
        .endsWith(", (nil), (nil)]");
  }

  @Test
  void anArrayOfAnyTypeIsAnArrayOfTheDocument() {
    sql(pool, "drop table if exists boxes");
    sql(
        pool,
        "create table boxes (id int primary key, ids uuid[], days date[], times timestamptz[],"
            + " parts bytea[], sizes float8[], grid int[], notes jsonb[])");
    open("boxes", "boxes").writeThrough().open();
    catalog.addTable("boxes", Format.JSON);
    String arrays =
        "\"ids\":[\"123e4567-e89b-12d3-a456-426614174000\",null],\"days\":[\"2026-01-31\"],"
            + "\"times\":[\"2026-01-31T08:00:00Z\"],\"parts\":[\"AP8=\"],"
            + "\"sizes\":[1.5,\"NaN\"],\"grid\":[[1,2],[3,4]],\"notes\":[\"{\\\"a\\\": 1}\",\"2\"]";
    assertThat(client.askWords("SET", "boxes:1", "{" + arrays + "}")).isEqualTo("OK");
    assertThat(query(pool, "select days[1] || encode(parts[1], 'hex') || grid[2][1] from boxes"))
        .isEqualTo("2026-01-3100ff3");
    assertThat(client.ask("CW.REFRESH boxes:1")).isEqualTo("(integer) 1");
    assertThat(client.ask("GET boxes:1")).isEqualTo("\"{\"id\":1," + arrays + "}\"");
    assertThat(client.askWords("SET", "boxes:2", "{\"notes\":[{\"a\":1},2]}")).isEqualTo("OK");
    assertThat(client.askWords("SET", "boxes:1", "{\"ids\":[\"x\"]}"))
        .startsWith("(error) CWBADVALUE public.boxes.ids: 'x' does not fit uuid");
    assertThat(client.askWords("SET", "products:1", "{\"name\":[\"x\"]}"))
        .startsWith("(error) CWBADVALUE public.products.name (text) cannot hold a JSON array");
    assertThat(client.askWords("SET", "boxes:1", "{\"days\":\"{2026-02-01}\"}")).isEqualTo("OK");
    assertThat(query(pool, "select days from boxes where id = 1")).isEqualTo("{2026-02-01}");
  }

  @Test
  void p9_aDocumentTouchesOnlyTheColumnsItNames() {
    assertThat(client.askWords("SET", "products:1", "{\"price\": 4.25, \"sold\": true}"))
        .isEqualTo("OK");
    assertThat(query(pool, "select name || price || sold from products")).isEqualTo("tea4.25true");
    assertThat(client.askWords("SET", "products:2", "{\"name\": \"x\"}", "NX")).isEqualTo("OK");
    assertThat(client.askWords("SET", "products:2", "{\"name\": \"y\"}", "NX")).isEqualTo("(nil)");
    assertThat(client.askWords("SET", "products:3", "{\"name\": \"y\"}", "XX")).isEqualTo("(nil)");
    assertThat(client.askWords("SET", "products:2", "{\"name\": \"z\"}", "XX")).isEqualTo("OK");
    assertThat(query(pool, "select string_agg(name, ',' order by id) from products"))
        .isEqualTo("tea,z");
    assertThat(client.askWords("MSET", "products:4", "{\"name\":\"a\"}", "products:5", "{}"))
        .isEqualTo("OK");
    assertThat(query(pool, "select count(*) from products")).isEqualTo("4");
    assertThat(client.askWords("SET", "products:1", "{\"prize\": 1}"))
        .startsWith("(error) CWBADVALUE")
        .contains("prize");
    assertThat(client.askWords("SET", "products:1", "nonsense"))
        .startsWith("(error) CWBADVALUE")
        .contains("not a JSON document");
  }

  // ---- promises ----

  @Test
  void p3_aReadSeesItsOwnPipelinedWrites() {
    List<String> commands = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      commands.add("HSET users:7 age " + i);
      commands.add("HGET users:7 age");
    }
    List<String> replies = client.pipeline(commands);
    for (int i = 0; i < 100; i++) {
      assertThat(replies.get(2 * i + 1)).isEqualTo("\"" + i + "\"");
    }
  }

  @Test
  void p4_onlyTheRefusedRowOfAPipelineFails() {
    List<String> commands =
        new ArrayList<>(
            IntStream.range(1, 101).mapToObj(id -> "HSET users:" + id + " age 50").toList());
    commands.set(49, "HSET users:50 age 500");
    List<String> replies = client.pipeline(commands);
    assertThat(replies.get(49)).startsWith("(error) CWREFUSED [23514]");
    assertThat(replies).filteredOn(reply -> reply.equals("(integer) 0")).hasSize(99);
    assertThat(query(pool, "select count(*) from users where age = 50")).isEqualTo("100");
    assertThat(client.ask("HGET users:50 age")).isEqualTo("\"50\"");
  }

  @Test
  void aPipelineOfWritesIsFewTransactions() {
    client.ask("HGET users:1 name");
    long before = database.statements();
    List<String> replies =
        client.pipeline(
            IntStream.range(0, 1000)
                .mapToObj(n -> "HSET users:" + (n + 1000) + " name n" + n)
                .toList());
    assertThat(replies).hasSize(1000).containsOnly("(integer) 1");
    assertThat(query(pool, "select count(*) from users")).isEqualTo("1100");
    assertThat(database.statements() - before).isLessThan(50);
  }

  @Test
  void p5_manyClientsThatMissAKeyAreOneSelect() {
    client.ask("HGET users:1 name");
    List<RespClient> clients =
        Stream.generate(() -> new RespClient(server.port())).limit(64).toList();
    long before = cache.engine().space("users").stats().loadedKeys();
    clients.forEach(each -> each.send("HGETALL users:42"));
    clients.forEach(each -> assertThat(each.reply()).contains("user42"));
    assertThat(cache.engine().space("users").stats().loadedKeys() - before).isEqualTo(1);
    clients.forEach(RespClient::close);
  }

  @Test
  void aPipelineOfMissesIsFewLoads() {
    List<String> replies =
        client.pipeline(
            IntStream.range(1, 101).mapToObj(id -> "HGET users:" + id + " age").toList());
    assertThat(replies.get(41)).isEqualTo("\"42\"");
    assertThat(cache.engine().space("users").stats().loads()).isLessThan(5);
  }

  @Test
  void p10_flushallDropsNothingFromATable() {
    client.ask("HGETALL users:7");
    client.ask("SET plain 1");
    assertThat(client.ask("FLUSHALL")).isEqualTo("OK");
    assertThat(client.ask("DBSIZE")).isEqualTo("(integer) 0");
    assertThat(query(pool, "select count(*) from users")).isEqualTo("100");
    assertThat(client.ask("HGET users:7 name")).isEqualTo("\"user7\"");
    assertThat(client.ask("CW.EVICT users:7 users:8")).isEqualTo("(integer) 1");
    assertThat(query(pool, "select count(*) from users")).isEqualTo("100");
  }

  @Test
  void p10_expiryDropsFromTheCacheOnly() {
    assertThat(client.ask("EXPIRE users:7 100")).isEqualTo("(integer) 1");
    assertThat(client.ask("PTTL users:7")).matches("\\(integer\\) (100000|\\d{5})");
    assertThat(client.ask("PERSIST users:7")).isEqualTo("(integer) 1");
    assertThat(client.ask("TTL users:7")).isEqualTo("(integer) -1");
    assertThat(client.ask("TTL users:1000")).isEqualTo("(integer) -2");
    assertThat(client.ask("EXPIRE users:7 -1")).isEqualTo("(integer) 1");
    assertThat(cache.engine().space("users").size()).isLessThan(2);
    assertThat(client.ask("HGET users:7 name")).isEqualTo("\"user7\"");
  }

  @Test
  void aRefreshSeesWhatWasWrittenPastTheCache() {
    client.ask("HGETALL people:7");
    sql(pool, "update people set name = 'Zoe' where id = 7");
    assertThat(client.ask("HGET people:7 name")).isEqualTo("\"user7\"");
    assertThat(client.ask("CW.REFRESH people:7")).isEqualTo("(integer) 1");
    assertThat(client.ask("HGET people:7 name")).isEqualTo("\"Zoe\"");
    assertThat(client.ask("DEL people:7")).isEqualTo("(integer) 1");
    assertThat(query(pool, "select count(*) from people")).isEqualTo("100");
    assertThat(client.ask("HSET people:7 name x"))
        .startsWith("(error) CWNOTALLOWED keyspace people is read-through");
  }

  // ---- transactions ----

  @Test
  void execIsOneTransactionWithThePlainKeysInIt() {
    assertThat(
            client.pipeline(
                List.of(
                    "MULTI",
                    "HSET users:7 age 70",
                    "INCR counter",
                    "HINCRBY users:7 age 5",
                    "HGET users:7 age",
                    "GET counter",
                    "EXEC")))
        .last()
        .isEqualTo("[(integer) 0, (integer) 1, (integer) 75, \"75\", \"1\"]");
    assertThat(query(pool, "select age from users where id = 7")).isEqualTo("75");
  }

  @Test
  void aRowThatExecInsertsHasItsKeyInTheReadsThatFollow() {
    assertThat(
            client.pipeline(
                List.of(
                    "MULTI",
                    "HSET users:700 name New",
                    "HGETALL users:700",
                    "SET products:700 {\"name\":\"milk\"}",
                    "GET products:700",
                    "EXEC")))
        .last()
        .asString()
        .contains("[\"id\", \"700\", \"name\", \"New\"]", "{\"id\":700,\"name\":\"milk\"");
  }

  @Test
  void p4_aRefusedExecChangesNothing() {
    List<String> replies =
        client.pipeline(
            List.of(
                "MULTI", "HSET users:7 age 70", "INCR counter", "HSET users:8 age 900", "EXEC"));
    assertThat(replies).last().asString().startsWith("(error) EXECABORT").contains("CWREFUSED");
    assertThat(query(pool, "select age from users where id = 7")).isEqualTo("7");
    assertThat(client.ask("GET counter")).isEqualTo("(nil)");
    assertThat(client.ask("HGET users:7 age")).isEqualTo("\"7\"");
    assertThat(client.pipeline(List.of("MULTI", "HSET users:7 nope 1", "EXEC")))
        .last()
        .asString()
        .startsWith("(error) EXECABORT")
        .contains("nope");
  }

  @Test
  void aWatchedRowThatOthersWriteMakesExecNil() {
    try (RespClient other = new RespClient(server.port())) {
      client.ask("WATCH users:7");
      assertThat(client.ask("HGET users:7 age")).isEqualTo("\"7\"");
      other.ask("HSET users:7 age 8");
      assertThat(client.pipeline(List.of("MULTI", "HSET users:7 age 9", "EXEC")))
          .last()
          .isEqualTo("(nil)");
      assertThat(query(pool, "select age from users where id = 7")).isEqualTo("8");
      client.ask("WATCH users:7");
      assertThat(client.pipeline(List.of("MULTI", "HSET users:7 age 9", "EXEC")))
          .last()
          .isEqualTo("[(integer) 0]");
    }
  }

  @Test
  void incrementsOfManyClientsAddUp() {
    List<RespClient> clients =
        Stream.generate(() -> new RespClient(server.port())).limit(8).toList();
    for (int round = 0; round < 10; round++) {
      clients.forEach(each -> each.send("HINCRBY users:7 age 1"));
      clients.forEach(each -> assertThat(each.reply()).startsWith("(integer)"));
    }
    assertThat(query(pool, "select age from users where id = 7")).isEqualTo("87");
    clients.forEach(RespClient::close);
  }

  // ---- what goes wrong ----

  @Test
  void mistakesAreClearErrorsAndTheConnectionStays() {
    assertThat(client.ask("HSET users:7 nope 1"))
        .startsWith("(error) CWBADVALUE")
        .contains("nope", "name, age, email");
    assertThat(client.ask("HSET users:7 age old")).startsWith("(error) CWBADVALUE");
    assertThat(client.ask("HSET users:seven age 1")).startsWith("(error) CWBADVALUE");
    assertThat(client.ask("HSET users:7 id 8")).startsWith("(error) CWBADVALUE");
    assertThat(client.ask("HSET users:7 name " + "x".repeat(30))).startsWith("(error) CWBADVALUE");
    assertThat(client.ask("GET users:7")).startsWith("(error) WRONGTYPE keyspace users");
    assertThat(client.ask("HGETALL products:1")).startsWith("(error) WRONGTYPE keyspace products");
    assertThat(client.ask("APPEND users:7 x")).startsWith("(error) WRONGTYPE");
    assertThat(client.ask("HINCRBY users:7 name 1")).startsWith("(error) ERR hash value");
    assertThat(client.ask("RENAME users:7 users:8")).startsWith("(error) CWNOTALLOWED");
    assertThat(client.ask("HGET users:7 name")).isEqualTo("\"user7\"");
  }

  @Test
  void anErrorNamesTheKeyThatIsARow() {
    assertThat(client.ask("MSETNX plain 1 products:1 2"))
        .isEqualTo(
            "(error) WRONGTYPE MSETNX is for plain keys, and products:1 is a row of a table");
  }

  @Test
  void whatIsWrongWithADocumentIsSaidInItsOwnWords() {
    for (String document :
        List.of(
            "nonsense",
            "{\"name\":\"a\"",
            "{\"name\":\"a\",\"name\":\"b\"}",
            "{} {}",
            "{\"name\":\"a\nb\"}")) {
      assertThat(client.askWords("SET", "products:1", document))
          .startsWith("(error) CWBADVALUE products:1: not a JSON document: ")
          .contains(", line ")
          .doesNotContain("REDACTED", "jackson", "Feature", "StreamReadInput", "[Source");
    }
  }

  @Test
  void p7_aNumberOfADocumentMustNotFillTheMemory() {
    for (String column : List.of("price", "id", "sold", "tags")) {
      String document = "{\"" + column + "\":1e2000000000}";
      assertThat(client.askWords("SET", "products:1", document)).startsWith("(error) CWBADVALUE");
    }
    assertThat(client.askWords("SET", "products:1", "{\"price\":1.25e2}")).isEqualTo("OK");
    assertThat(query(pool, "select price from products")).isEqualTo("125.00");
  }

  @Test
  void aKeyspaceThatIsAwaySaysWhy() {
    catalog.addUnavailable("orders", "connection refused");
    assertThat(client.ask("HGET orders:1 x"))
        .startsWith("(error) CWAWAY keyspace orders: connection refused, since 20");
    assertThat(client.ask("CW.KEYSPACES")).contains("orders", "people", "read-through", "sessions");
    assertThat(client.ask("SET sessions:a 1")).isEqualTo("OK");
    assertThat(client.ask("CW.INFO sessions")).startsWith("[\"entries\", (integer) 1");
  }
}
