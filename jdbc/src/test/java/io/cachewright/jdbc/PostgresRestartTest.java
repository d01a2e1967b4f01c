// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.CacheException;
import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.StoreAwayException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL server that is really stopped and started again, with its data. */
class PostgresRestartTest {
  record Note(long id, String text) {}

  @TempDir Path directory;

  @Test
  void p8_aStoppedServerIsAwayAndAStartedOneIsBackByItself() throws Exception {
    int port = freePort();
    EmbeddedPostgres server = start(port);
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    try (HikariDataSource pool = TestPostgres.pool(url, 3);
        Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(pool)).open()) {
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("create table notes (id bigint primary key, text text not null)");
      }
      Keyspace<Long, Note> notes =
          cache.keyspace("notes", Long.class, Note.class).table("notes").writeThrough().open();
      notes.put(1L, new Note(1, "before"));
      server.close();

      assertThat(notes.get(1L).text()).isEqualTo("before");
      assertThatThrownBy(() -> notes.get(2L)).isInstanceOf(StoreAwayException.class);
      assertThatThrownBy(() -> notes.put(1L, new Note(1, "lost")))
          .isInstanceOf(StoreAwayException.class);

      server = start(port);
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptionsInstanceOf(CacheException.class)
          .until(
              () -> {
                notes.put(2L, new Note(2, "after"));
                return true;
              });
      notes.evictAll();
      assertThat(notes.get(1L).text()).isEqualTo("before");
      assertThat(notes.get(2L).text()).isEqualTo("after");
    } finally {
      server.close();
    }
  }

  private EmbeddedPostgres start(int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(directory.resolve("data"))
        .setCleanDataDirectory(false)
        .setPGStartupWait(Duration.ofSeconds(60))
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
