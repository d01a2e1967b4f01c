// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Written;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL whose commits wait for a standby that is not there. */
class SynchronousStandbyTest {
  private EmbeddedPostgres server;
  private TableStore users;

  @BeforeEach
  void open() throws IOException, SQLException {
    server =
        EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofSeconds(60))
            .setServerConfig("synchronous_standby_names", "nobody")
            .setServerConfig("synchronous_commit", "local")
            .start();
    PGSimpleDataSource local = new PGSimpleDataSource();
    local.setUrl(server.getJdbcUrl("postgres", "postgres"));
    try (Connection connection = local.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create table users (id bigint primary key, name text not null)");
    }
    PGSimpleDataSource waiting = new PGSimpleDataSource();
    waiting.setUrl(server.getJdbcUrl("postgres", "postgres"));
    waiting.setOptions("-c synchronous_commit=on");
    users = JdbcDatabase.of(waiting, new JdbcOptions(Duration.ofSeconds(1))).table("users");
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  @Test
  void p4_aCommitThatTheStandbyMayNotHaveIsUnknown() {
    List<Outcome<Written<Row>>> outcomes =
        users.apply(
            List.of(new Change.Put<>(1L, row(users, "name", "a")), new Change.Remove<>(9L)));
    assertThat(outcomes).allMatch(outcome -> outcome instanceof Outcome.Unknown);
    assertThat(((Outcome.Unknown<?>) outcomes.get(0)).cause())
        .hasMessageContaining("public.users 1")
        .hasMessageContaining("synchronous replication");
    assertThat(users.load(List.of(1L))).hasSize(1);
  }

  @Test
  void p4_aStatementThatTheStandbyMayNotHaveIsUnknown() {
    Change<Object, Row> change = new Change.Put<>(1L, row(users, "name", "a"));
    assertThat(users.apply(List.of(change)).get(0)).isInstanceOf(Outcome.Unknown.class);
    assertThat(users.load(List.of(1L))).hasSize(1);
  }
}
