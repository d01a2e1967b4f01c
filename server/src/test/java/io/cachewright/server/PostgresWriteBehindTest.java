// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.WriteBehindOptions;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.server.Catalog.Format;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rows of PostgreSQL under write-behind, with a key of two columns, one of them a UUID. */
@Timeout(120)
class PostgresWriteBehindTest {
  private static final String KEY = "lines:00000000-0000-0000-0000-00000000000a:1";

  @TempDir Path directory;

  @Test
  void rows_are_written_and_read_without_a_statement_and_are_there_after_the_flush()
      throws IOException, SQLException {
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
        Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create table lines (bill uuid, number integer, price numeric(9,2), sold boolean,"
              + " primary key (bill, number))");
      JdbcDatabase database = JdbcDatabase.of(postgres.getPostgresDatabase());
      try (Cachewright cache =
          Cachewright.builder().database(database).directory(directory).open()) {
        Catalog catalog = new Catalog(cache);
        cache
            .keyspace("lines")
            .table("lines")
            .writeBehind(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1)))
            .open();
        catalog.addTable("lines", Format.HASH);
        try (CachewrightServer server = CachewrightServer.builder(catalog).port(0).start();
            RespClient client = new RespClient(server.port())) {
          long before = database.statements();
          assertThat(
                  client.pipeline(
                      List.of(
                          "HSET " + KEY + " price 3.50 sold false",
                          "HINCRBYFLOAT " + KEY + " price 0.25",
                          "HVALS " + KEY)))
              .containsExactly(
                  "(integer) 0",
                  "\"3.75\"",
                  "[\"00000000-0000-0000-0000-00000000000a\", \"1\", \"3.75\", \"false\"]");
          assertThat(database.statements()).isEqualTo(before);
          cache.flush();
          try (ResultSet rows =
              statement.executeQuery("select number || ' ' || price from lines")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("1 3.75");
          }
        }
      }
    }
  }
}
