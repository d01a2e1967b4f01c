// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.cachewright.app.Failure;
import io.cachewright.app.TestDatabase;
import io.cachewright.app.config.BadConfiguration;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache over real databases, as Redis clients see it. */
final class ServingTest {
  private static final String[] SHOP = {
    "create table customers (id integer primary key, name varchar(40) not null, points integer)",
    "insert into customers values (1, 'Ann', 10), (2, 'Ben', null)",
    "create table order_lines (order_id integer, line integer, quantity integer,"
        + " primary key (order_id, line))",
    "insert into order_lines values (17, 3, 5)",
    "create table audit (what text)",
  };

  @TempDir Path directory;

  /** The server has found the database. */
  private static void awaitShop(Serve serve) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(serve.hash("customers:1")).containsEntry("name", "Ann"));
  }

  @Test
  void withNoMoreThanASqliteFileItsTablesAreServed() throws Exception {
    servesTheShop(
        TestDatabase.sqlite(directory.resolve("shop.db"), SHOP), "audit has no primary key");
  }

  @Test
  void withNoMoreThanAPostgresUrlItsTablesAreServed() throws Exception {
    servesTheShop(TestDatabase.postgres("serve_shop", SHOP), "public.audit has no primary key");
  }

  private static void servesTheShop(String url, String leftOut) throws Exception {
    try (Serve serve = Serve.database(url)) {
      assertThat(serve.hash("customers:1"))
          .isEqualTo(Map.of("id", "1", "name", "Ann", "points", "10"));
      assertThat(serve.hash("customers:2")).isEqualTo(Map.of("id", "2", "name", "Ben"));
      assertThat(serve.hash("customers:3")).isEmpty();
      assertThat(serve.hash("order_lines:17:3")).containsEntry("quantity", "5");
      assertThat(serve.refusal("HSET", "customers:1", "name", "Eve")).contains("read-through");
      assertThat(serve.call("SET", "greeting", "hello")).isEqualTo("OK");
      assertThat(serve.call("GET", "greeting")).isEqualTo("hello");
      assertThat(Banner.lines(serve.serving()))
          .hasSizeBetween(6, 10)
          .anyMatch(line -> line.contains("read-through  customers, order_lines"))
          .anyMatch(line -> line.contains("left out") && line.contains(leftOut))
          .anyMatch(line -> line.contains("HGETALL customers:1"));
    }
  }

  @Test
  void everyPatternAndFormatOfTheFileIsServed() throws Exception {
    String url = TestDatabase.postgres("serve_patterns", SHOP);
    try (Serve serve =
        Serve.by(
            """
            database: %s
            keyspaces:
              customers: { pattern: write-through, columns: [id, name] }
              lines: { table: public.order_lines, format: json, ttl: 1m }
              sessions: { pattern: look-aside, ttl: 1h }
            """
                .formatted(url))) {
      serve.call("HSET", "customers:1", "name", "Eve");
      assertThat(serve.hash("customers:1"))
          .containsEntry("name", "Eve")
          .containsEntry("points", "10");
      serve.call("HSET", "customers:9", "name", "New");
      assertThat(serve.call("DEL", "customers:2")).isEqualTo(1L);
      assertThat((String) serve.call("GET", "lines:17:3")).contains("\"quantity\"", "5");
      serve.call("SET", "sessions:a", "b");
      assertThat((Long) serve.call("TTL", "sessions:a")).isBetween(3_000L, 3_600L);
    }
    try (Serve again = Serve.database(url)) {
      assertThat(again.hash("customers:1")).containsEntry("name", "Eve");
      assertThat(again.hash("customers:9")).containsEntry("name", "New");
      assertThat(again.hash("customers:2")).isEmpty();
    }
  }

  @Test
  void withoutAnyTableNoDatabaseIsNeeded() throws Exception {
    try (Serve serve =
        Serve.by("keyspaces: { s: { pattern: look-aside } }\nclient-password: pw\n")) {
      assertThat(serve.refusal("GET", "s:1")).startsWith("NOAUTH");
      assertThat(serve.call("AUTH", "pw")).isEqualTo("OK");
      serve.call("SET", "s:1", "x");
      assertThat(serve.call("GET", "s:1")).isEqualTo("x");
    }
  }

  @Test
  void p1_recordKeysOutliveTheServerAndNeedNoDatabase(@TempDir Path data) throws Exception {
    String yaml = "data: %s%nkeyspaces: { carts: { pattern: record } }%nplain: { pattern: %s }%n";
    try (Serve serve = Serve.by(yaml.formatted(data, "record"))) {
      serve.call("HSET", "carts:1", "apples", "3");
      serve.call("SET", "greeting", "hello");
      assertThat(Banner.lines(serve.serving()))
          .anyMatch(line -> line.matches("  record +carts, and every other key"))
          .noneMatch(line -> line.contains("look-aside"));
    }
    try (Serve again = Serve.by(yaml.formatted(data, "record"))) {
      assertThat(again.hash("carts:1")).containsEntry("apples", "3");
      assertThat(again.call("GET", "greeting")).isEqualTo("hello");
    }
    assertThatThrownBy(() -> Serve.by(yaml.formatted(data, "look-aside")))
        .hasMessageContaining("plain")
        .hasMessageContaining("--forget plain");
  }

  @Test
  void p2_aTableShowsWhatARecordKeyspaceHas(@TempDir Path directory) throws Exception {
    Path shop = directory.resolve("shop.db");
    String yaml =
        """
        database: %s
        data: %s
        keyspaces:
          carts: { pattern: record, mirror: { table: carts_now, every: 1m } }
          notes: { pattern: record, mirror: { every: 0s } }
        """
            .formatted(TestDatabase.sqlite(shop, "create table t (id integer)"), directory);
    try (Serve serve = Serve.by(yaml)) {
      serve.call("HSET", "carts:17", "apples", "3", "say \"it\"", "line\nend");
      serve.call("HSET", "carts:18", "pears", "1");
      serve.call("SET", "carts:19", "a string", "EX", "1000");
      serve.call("SET", "notes:a:b", "kept");
      serve.call("DEL", "carts:18");
      serve.call("CW.FLUSH");
      assertThat(TestDatabase.count(shop, "carts_now")).isEqualTo(2);
      assertThat(
              TestDatabase.count(
                  shop,
                  "carts_now where key = '17' and json_extract(fields, '$.apples') = '3'"
                      + " and json_extract(fields, '$.say \"it\"') = 'line' || char(10) || 'end'"
                      + " and value is null and expires_at is null"))
          .isEqualTo(1);
      assertThat(
              TestDatabase.count(
                  shop, "carts_now where key = '19' and value = 'a string' and expires_at > ''"))
          .isEqualTo(1);
      assertThat(TestDatabase.count(shop, "notes where key = 'a:b'")).isEqualTo(1);
    }
    try (Serve again = Serve.by(yaml)) {
      again.call("DEL", "carts:17", "notes:a:b");
      again.call("CW.FLUSH");
      assertThat(TestDatabase.count(shop, "carts_now")).isEqualTo(1);
      assertThat(TestDatabase.count(shop, "notes")).isZero();
    }
  }

  @Test
  void p2_aTableOfPostgresShowsWhatARecordKeyspaceHas(@TempDir Path data) throws Exception {
    String url = TestDatabase.postgres("serve_mirror", SHOP);
    String yaml =
        """
        database: %s
        data: %s
        keyspaces: { carts: { pattern: record, mirror: { every: 0s } } }
        """;
    try (Serve serve = Serve.by(yaml.formatted(url, data))) {
      serve.call("HSET", "carts:17", "apples", "3");
      serve.call("CW.FLUSH", "carts");
    }
    TestDatabase.asOwner( // fails unless the row is there as it should be
        "serve_mirror",
        "insert into carts (key) select '17' from carts where fields->>'apples' <> '3'",
        "insert into carts (key) select key from carts where key <> '17'",
        "do $$ begin if (select count(*) from carts) <> 1 then raise 'not there'; end if; end $$");
  }

  @Test
  void whileTheDatabaseIsAwayPlainKeysAreServedAndThenTables() throws Exception {
    int port = freePort();
    try (Serve serve =
        Serve.by(
            """
            database: postgresql://app:secret@localhost:%d/late
            connect-timeout: 500ms
            keyspaces:
              customers: { pattern: write-through }
              sessions: { pattern: look-aside }
            """
                .formatted(port))) {
      serve.call("SET", "sessions:1", "here");
      assertThat(serve.call("GET", "sessions:1")).isEqualTo("here");
      assertThat(serve.refusal("HGETALL", "customers:1")).startsWith("CWAWAY keyspace customers");
      assertThat(Banner.lines(serve.serving())).anyMatch(line -> line.contains("waiting"));
      try (EmbeddedPostgres postgres = TestDatabase.start(port)) {
        TestDatabase.postgres(postgres, "late", SHOP);
        awaitShop(serve);
        serve.call("HSET", "customers:1", "points", "11");
        assertThat(serve.call("GET", "sessions:1")).isEqualTo("here");
      }
    }
  }

  /**
   * Else they would be plain keys, acknowledged, and out of reach as soon as the table is there.
   */
  @Test
  void p8_whileNobodyKnowsWhichTablesThereAreKeysThatMayBeRowsAreRefused() throws Exception {
    int port = freePort();
    try (Serve serve =
        Serve.by(
            "database: postgresql://app:secret@localhost:%d/late\nconnect-timeout: 500ms\n"
                .formatted(port))) {
      assertThat(serve.call("SET", "greeting", "hello")).isEqualTo("OK");
      for (String[] command :
          new String[][] {
            {"HSET", "customers:1", "name", "Eve"},
            {"HGETALL", "customers:1"},
            {"MSET", "greeting", "x", "sessions:1", "y"}
          }) {
        assertThat(serve.refusal(command))
            .startsWith("CWAWAY keyspace ")
            .contains("not known yet whether it is a table", "refused", ", since 20");
      }
      assertThat(serve.call("GET", "greeting")).isEqualTo("hello");
      assertThat(Banner.lines(serve.serving()))
          .anyMatch(line -> line.matches("  waiting .*until its tables are known, keys with a.*"));
      try (EmbeddedPostgres postgres = TestDatabase.start(port)) {
        TestDatabase.postgres(postgres, "late", SHOP);
        awaitShop(serve);
        assertThat(serve.call("SET", "sessions:1", "here")).isEqualTo("OK");
        assertThat(serve.call("GET", "sessions:1")).isEqualTo("here");
      }
    }
  }

  @Test
  void p8_whenTheDatabaseGoesAwayWhatIsCachedIsServedAndWritesFailAndAllOfItRecovers()
      throws Exception {
    int port = freePort();
    EmbeddedPostgres first = TestDatabase.start(port);
    String url = TestDatabase.postgres(first, "gone", SHOP);
    String yaml =
        """
        database: %s
        connect-timeout: 500ms
        keyspaces:
          customers: { pattern: write-through }
        """;
    try (Serve serve = Serve.by(yaml.formatted(url))) {
      assertThat(serve.hash("customers:1")).containsEntry("points", "10");
      first.close();
      assertThat(serve.hash("customers:1")).containsEntry("points", "10");
      assertThat(serve.refusal("HSET", "customers:1", "points", "99")).startsWith("CWAWAY ");
      assertThat(serve.hash("customers:1")).containsEntry("points", "10"); // P4
      assertThat(serve.refusal("HGETALL", "customers:2")).startsWith("CWAWAY "); // P5: not "empty"
      assertThat(serve.call("SET", "plain", "goes on")).isEqualTo("OK");
      try (EmbeddedPostgres second = TestDatabase.start(port)) {
        TestDatabase.postgres(second, "gone", SHOP);
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .untilAsserted(
                () -> assertThat(serve.hash("customers:2")).containsEntry("name", "Ben"));
        serve.call("HSET", "customers:1", "points", "11");
        assertThat(serve.hash("customers:1")).containsEntry("points", "11");
      }
    } finally {
      first.close();
    }
  }

  @Test
  void aWrongPasswordEndsTheStartAndSaysWhatToDo() {
    String url = TestDatabase.postgres("serve_login");
    assertThatThrownBy(() -> Serve.database(url.replace(":secret@", ":wrong@")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("the database refuses")
        .hasMessageContaining("28P01")
        .hasMessageContaining("check user and password")
        .hasMessageNotContaining("wrong@");
  }

  @Test
  void soDoesAPasswordThatWasForgotten() {
    String url = TestDatabase.postgres("serve_no_password");
    assertThatThrownBy(() -> Serve.database(url.replace(":secret@", "@")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("no password was provided")
        .hasMessageContaining("check user and password");
  }

  @Test
  void aTableWithTheNameOfPlainKeysIsLeftOut() throws Exception {
    String url =
        TestDatabase.postgres(
            "serve_plain",
            "create table plain (id bigint primary key)",
            "create table other (id bigint primary key)");
    try (Serve serve = Serve.database(url)) {
      assertThat(serve.call("SET", "greeting", "hello")).isEqualTo("OK");
      assertThat(Banner.lines(serve.serving()))
          .anyMatch(line -> line.contains("plain has the name of the keyspace of plain keys"))
          .anyMatch(line -> line.contains("read-through  other"));
    }
  }

  @Test
  void anUnknownDatabaseEndsTheStart() {
    String url = TestDatabase.postgres("serve_known");
    assertThatThrownBy(() -> Serve.database(url.replace("serve_known", "serve_unknown")))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("3D000")
        .hasMessageContaining("check the database's name");
  }

  @Test
  void aSqliteFileThatIsNotThereIsNotMade() {
    Path file = directory.resolve("none.db");
    assertThatThrownBy(() -> Serve.database("sqlite:" + file))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("there is no file " + file);
    assertThat(file).doesNotExist();
  }

  @Test
  void whatDoesNotFitTheDatabaseEndsTheStartWithItsPlace() {
    String url = TestDatabase.postgres("serve_unfit", SHOP);
    TestDatabase.asOwner("serve_unfit", "create table hidden (id int primary key)");
    Throwable error =
        catchThrowable(
            () ->
                Serve.by(
                    """
                    database: %s
                    keyspaces:
                      users: { table: custmers }
                      audit: {}
                      customers: { columns: [nmae] }
                      hidden: {}
                    """
                        .formatted(url)));
    assertThat(error).isInstanceOf(BadConfiguration.class);
    assertThat(error.getMessage().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("c.yaml:4:19: ").contains("did you mean customers"),
            line -> assertThat(line).startsWith("c.yaml:5:3: ").contains("no primary key"),
            line -> assertThat(line).startsWith("c.yaml:6:25: ").contains("did you mean name?"),
            line ->
                assertThat(line).startsWith("c.yaml:7:3: ").contains("grant select on public."));
  }

  @Test
  void tablesThatMayNotBeReadAreLeftOutAndNamed() throws Exception {
    String url = TestDatabase.postgres("serve_rights", SHOP);
    TestDatabase.asOwner("serve_rights", "create table hidden (id int primary key)");
    try (Serve serve = Serve.database(url)) {
      assertThat(Banner.lines(serve.serving()))
          .anyMatch(line -> line.contains("hidden may not be read by app"))
          .noneMatch(line -> line.contains("read-through") && line.contains("hidden"));
    }
  }

  @Test
  void aPortThatIsTakenEndsTheStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String listen = "127.0.0.1:" + taken.getLocalPort();
      assertThatThrownBy(
              () ->
                  Serving.start(
                      io.cachewright.app.config.ConfigurationReader.readText(
                          "keyspaces: {}\nlisten: " + listen, "c.yaml")))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("cannot listen on " + listen)
          .hasMessageContaining("--listen");
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
