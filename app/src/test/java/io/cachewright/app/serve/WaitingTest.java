// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachewright.app.TestDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens elsewhere while a server waits for its database does not end the wait. */
final class WaitingTest {
  @TempDir Path directory;

  @Test
  void p8_aPasswordFileThatIsAwayForAWhileAndATableThatDoesNotFitHoldUpNoOther() throws Exception {
    int port = freePort();
    Path password = Files.writeString(directory.resolve("password"), "secret\n");
    try (Serve serve = Serve.by(configuration(port, password))) {
      Files.delete(password);
      awaitRefusal(serve, "customers:1", "password-file");
      try (EmbeddedPostgres postgres = TestDatabase.start(port)) {
        TestDatabase.postgres(
            postgres,
            "late",
            "create table stock (id integer primary key, amount integer)",
            "create table customers (id integer primary key, name text)",
            "insert into customers values (1, 'Ann')");
        TestDatabase.execute(
            postgres.getJdbcUrl("postgres", "late"),
            "alter schema public owner to postgres",
            "revoke create on schema public from app",
            "revoke create on database late from app");
        Files.writeString(password, "secret\n");
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .untilAsserted(
                () -> assertThat(serve.hash("customers:1")).containsEntry("name", "Ann"));
        awaitRefusal(serve, "stock:1", "keyspace stock: ");
        assertThat(serve.refusal("HGETALL", "suppliers:1")).contains("no table suppliers");
        assertThat(serve.refusal("HGETALL", "offers:1")).contains("no table offers");
      }
    }
  }

  /** What cannot be opened, and what is not there, stands before what can. */
  private String configuration(int port, Path password) {
    return """
        database: postgresql://app@localhost:%d/late
        password-file: %s
        connect-timeout: 500ms
        data: %s
        keyspaces:
          stock: { pattern: write-behind }
          suppliers: {}
          offers: {}
          customers: {}
        """
        .formatted(port, password, directory.resolve("data"));
  }

  private static void awaitRefusal(Serve serve, String key, String reason) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(serve.refusal("HGETALL", key))
                    .startsWith("CWAWAY keyspace ")
                    .contains(reason));
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
