// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachewright.app.Failure;
import io.cachewright.app.TestDatabase;
import io.cachewright.app.config.ConfigurationReader;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Write-behind keyspaces as they are configured, over real databases. */
final class WriteBehindServingTest {
  private static final String[] SHOP = {
    "create table orders (id integer primary key, state varchar(20), pieces integer)",
    "create table carts (id integer primary key, pieces integer)",
    "insert into orders values (1, 'paid', 2)",
  };

  /** Nothing is flushed by itself, and nothing at the stop. */
  private static final String HELD_BACK =
      """
      drain: 0s
      defaults: { write-behind: { max-delay: 1h } }
      """;

  @TempDir Path directory;

  private String yaml(String url, String keyspaces) {
    return "database: %s\ndata: %s\nkeyspaces: %s\n".formatted(url, data(), keyspaces);
  }

  private Path data() {
    return directory.resolve("deep/data");
  }

  private String sqlite() {
    return TestDatabase.sqlite(directory.resolve("shop.db"), SHOP);
  }

  private static final String ORDERS = "{ orders: { pattern: write-behind } }";
  private static final String BOTH =
      "{ orders: { pattern: write-behind }, carts: { pattern: write-behind } }";

  private static Serve forgetting(String yaml, String... names) throws IOException {
    return Serve.of(
        Serving.start(
            ConfigurationReader.readText("listen: 127.0.0.1:0\n" + yaml, "c.yaml"),
            List.of(names)));
  }

  @Test
  void p1_aStopFlushesWhatWaitsAndTheDirectoryIsMade() throws Exception {
    String url = sqlite();
    try (Serve serve =
        Serve.by("defaults: { write-behind: { max-delay: 1h } }\n" + yaml(url, ORDERS))) {
      serve.call("HSET", "orders:1", "state", "sent");
      serve.call("HSET", "orders:2", "state", "new");
      assertThat(serve.hash("orders:1"))
          .containsEntry("state", "sent")
          .containsEntry("pieces", "2");
      assertThat(Banner.lines(serve.serving()))
          .anyMatch(line -> line.endsWith("journal       " + data() + "/journal, durability fsync"))
          .anyMatch(line -> line.contains("write-behind  orders"));
    }
    assertThat(data().resolve("journal")).isDirectory();
    try (Serve again = Serve.database(url)) {
      assertThat(again.hash("orders:1"))
          .containsEntry("state", "sent")
          .containsEntry("pieces", "2");
      assertThat(again.hash("orders:2")).containsEntry("state", "new");
    }
  }

  @Test
  void p1_additiveColumnsAddUpWithWhatAnotherServerWrites() throws Exception {
    String url = sqlite();
    String through = "{ orders: { pattern: write-through, additive: pieces } }";
    try (Serve serve =
            Serve.by(
                HELD_BACK
                    + yaml(url, "{ orders: { pattern: write-behind, additive: [pieces] } }"));
        Serve other = Serve.by("database: " + url + "\nkeyspaces: " + through + "\n")) {
      assertThat(serve.call("HINCRBY", "orders:1", "pieces", "5")).isEqualTo(7L);
      assertThat(other.call("HINCRBY", "orders:1", "pieces", "100")).isEqualTo(102L);
      serve.call("CW.FLUSH");
      assertThat(other.call("HINCRBY", "orders:1", "pieces", "0")).isEqualTo(107L);
      serve.call("CW.REFRESH", "orders:1");
      assertThat(serve.hash("orders:1")).containsEntry("pieces", "107");
    }
  }

  @Test
  void p1_whatAStopLeftIsFlushedAfterTheNextStart() throws Exception {
    String url = TestDatabase.postgres("serve_behind", SHOP);
    try (Serve serve = Serve.by(HELD_BACK + yaml(url, ORDERS))) {
      serve.call("HSET", "orders:7", "state", "kept");
    }
    try (Serve unflushed = Serve.database(url)) {
      assertThat(unflushed.hash("orders:7")).isEmpty();
    }
    try (Serve serve = Serve.by(yaml(url, ORDERS));
        Serve other = Serve.by("defaults: { negative-ttl: 0s }\ndatabase: " + url + "\n")) {
      assertThat(serve.hash("orders:7")).containsEntry("state", "kept");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(other.hash("orders:7")).containsEntry("state", "kept"));
    }
  }

  @Test
  void aKeyspaceThatIsGoneWhileChangesOfItWaitEndsTheStartUntilItIsBackOrForgotten()
      throws Exception {
    String url = sqlite();
    try (Serve serve = Serve.by(HELD_BACK + yaml(url, BOTH))) {
      serve.call("HSET", "carts:1", "pieces", "3");
      serve.call("HSET", "carts:2", "pieces", "4");
      serve.call("HSET", "orders:1", "state", "sent");
    }
    for (String without : List.of(ORDERS, "{ carts: {}, orders: { pattern: write-behind } }")) {
      assertThatThrownBy(() -> Serve.by(yaml(url, without)))
          .isInstanceOf(Failure.class)
          .hasMessageStartingWith("changes of carts wait in the journal (" + data())
          .hasMessageEndingWith("`cachewright serve --forget carts`");
    }
    try (Serve serve = forgetting(yaml(url, ORDERS), "carts", "never")) {
      assertThat(Banner.lines(serve.serving()))
          .anyMatch(line -> line.contains("forgotten     2 changes of carts"))
          .anyMatch(line -> line.contains("forgotten     nothing of never"));
    }
    try (Serve again = Serve.by(yaml(url, "{ orders: {}, carts: {} }"))) {
      assertThat(again.hash("orders:1")).containsEntry("state", "sent");
      assertThat(again.hash("carts:1")).isEmpty();
    }
  }

  @Test
  void withoutAnyWriteBehindKeyspaceTheJournalsChangesAreToldOfToo() throws Exception {
    String url = sqlite();
    try (Serve serve = Serve.by(HELD_BACK + yaml(url, ORDERS))) {
      serve.call("HSET", "orders:1", "state", "sent");
    }
    assertThatThrownBy(() -> Serve.by(yaml(url, "{ orders: {} }")))
        .hasMessageStartingWith("changes of orders wait in the journal");
    try (Serve serve = forgetting(yaml(url, "{ orders: {} }"), "orders")) {
      assertThat(serve.hash("orders:1")).containsEntry("state", "paid");
    }
    try (Serve serve = Serve.by(yaml(url, "{ orders: {} }"))) { // it stays forgotten
      assertThat(serve.hash("orders:1")).containsEntry("state", "paid");
    }
  }

  @Test
  void nothingIsForgottenOfAJournalThatAnotherServerHas() throws Exception {
    String url = sqlite();
    try (Serve serve = Serve.by(HELD_BACK + yaml(url, ORDERS))) {
      serve.call("HSET", "orders:1", "state", "sent");
      assertThatThrownBy(() -> forgetting(yaml(url, "{ orders: {} }"), "orders"))
          .isInstanceOf(Failure.class)
          .hasMessageStartingWith("nothing was forgotten: journal: " + data())
          .hasMessageContaining("is in use by");
    }
  }

  @Test
  void p8_whileTheDatabaseIsAwayAtTheStartAWriteBehindKeyspaceIsRefusedAndThenServed()
      throws Exception {
    int port = freePort();
    String url = "postgresql://app:secret@localhost:" + port + "/late_behind";
    try (Serve serve = Serve.by("connect-timeout: 500ms\n" + yaml(url, ORDERS))) {
      assertThat(serve.refusal("HSET", "orders:1", "state", "x")).startsWith("CWAWAY ");
      assertThat(serve.refusal("HGETALL", "orders:1")).startsWith("CWAWAY ");
      try (EmbeddedPostgres postgres = TestDatabase.start(port)) {
        TestDatabase.postgres(postgres, "late_behind", SHOP);
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .untilAsserted(() -> assertThat(serve.hash("orders:1")).containsEntry("state", "paid"));
        assertThat(serve.call("HSET", "orders:2", "state", "new")).isNotNull();
        try (Serve other = Serve.database(url)) {
          await()
              .atMost(Duration.ofSeconds(30))
              .untilAsserted(
                  () -> assertThat(other.hash("orders:2")).containsEntry("state", "new"));
        }
      }
    }
  }

  @Test
  void p8_whileTheDatabaseIsAwayWritesGoOnAndAreFlushedWhenItIsBack() throws Exception {
    int port = freePort();
    EmbeddedPostgres server = lasting(port);
    String url = TestDatabase.postgres(server, "gone_behind", SHOP);
    try (Serve serve = Serve.by("connect-timeout: 500ms\n" + yaml(url, ORDERS))) {
      assertThat(serve.hash("orders:1")).containsEntry("state", "paid");
      server.close();
      assertThat(serve.call("HSET", "orders:1", "state", "sent")).isNotNull();
      assertThat(serve.hash("orders:1"))
          .containsEntry("state", "sent")
          .containsEntry("pieces", "2");
      server = lasting(port);
      try (Serve other = Serve.by("defaults: { ttl: 10ms }\ndatabase: " + url + "\n")) {
        await()
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptions()
            .untilAsserted(() -> assertThat(other.hash("orders:1")).containsEntry("state", "sent"));
      }
    } finally {
      server.close();
    }
  }

  @Test
  void p8_aFlushOfWhatWaitsForADatabaseThatWasAwayAtTheStartSaysThatItIsAway() throws Exception {
    int port = freePort();
    String yaml;
    try (EmbeddedPostgres server = lasting(port)) {
      yaml =
          HELD_BACK
              + "connect-timeout: 500ms\n"
              + yaml(TestDatabase.postgres(server, "away_behind", SHOP), ORDERS);
      try (Serve serve = Serve.by(yaml)) {
        serve.call("HSET", "orders:1", "state", "sent");
      }
    }
    try (Serve serve = Serve.by(yaml)) {
      assertThat(serve.refusal("CW.FLUSH"))
          .startsWith("CWAWAY keyspace orders: ")
          .contains("refused", "nothing can be flushed before its database is there");
    }
  }

  /** A server that can be started again with its data. */
  private EmbeddedPostgres lasting(int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(directory.resolve("postgres"))
        .setCleanDataDirectory(false)
        .setPGStartupWait(Duration.ofSeconds(60))
        .start();
  }

  @Test
  void p7_atTheBoundOfWaitingChangesAWriteWaitsAndIsRefusedWithItsName() throws Exception {
    String url = sqlite();
    String tiny = "defaults: { write-behind: { max-delay: 1h, max-pending: 1kb } }\ndrain: 0s\n";
    try (Serve serve = Serve.by(tiny + yaml(url, ORDERS))) {
      for (int i = 1; i <= 30; i++) { // the bound brings about a flush
        serve.call("HSET", "orders:" + i, "state", "a".repeat(20));
      }
      try (Connection other =
              DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("shop.db"));
          Statement hold = other.createStatement()) {
        hold.execute("begin immediate");
        AtomicInteger next = new AtomicInteger(30);
        String refusal =
            await()
                .atMost(Duration.ofSeconds(50))
                .until(
                    () ->
                        serve.refusal(
                            "HSET", "orders:" + next.incrementAndGet(), "state", "a".repeat(20)),
                    answer -> !answer.startsWith("no refusal"));
        assertThat(refusal)
            .startsWith("CWLIMIT ")
            .contains("orders", "max-pending", "gave up after 10000 ms");
        hold.execute("rollback");
      }
    }
  }

  @Test
  void aDirectoryThatCannotBeUsedEndsTheStart() throws Exception {
    String url = sqlite();
    Files.createDirectories(directory.resolve("deep"));
    Files.writeString(data(), "a file");
    assertThatThrownBy(() -> Serve.by(yaml(url, ORDERS)))
        .isInstanceOf(Failure.class)
        .hasMessageContaining(data().toString())
        .hasMessageEndingWith("--data, or `data` in the configuration");
  }

  @Test
  void aDirectoryInUseEndsTheStartOnlyIfItIsNeeded() throws Exception {
    String url = sqlite();
    try (Serve serve = Serve.by(yaml(url, ORDERS))) {
      assertThatThrownBy(() -> Serve.by(yaml(url, ORDERS)))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("is in use by this process")
          .hasMessageContaining("--data");
      serve.call("HSET", "orders:1", "state", "sent");
      try (Serve other = Serve.by(yaml(url, "{ carts: {} }"))) {
        assertThat(other.serving().journal()).isNull();
      }
    }
  }

  @Test
  void withoutWriteBehindNoDirectoryIsMade() throws Exception {
    try (Serve serve = Serve.by(yaml(sqlite(), "{ orders: { pattern: write-through } }"))) {
      assertThat(serve.hash("orders:1")).containsEntry("state", "paid");
    }
    assertThat(data()).doesNotExist();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
