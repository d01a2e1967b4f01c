// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A PostgreSQL of our own, from a jar, with the durability it has by default. (The library that
 * starts it would switch fsync off, which is good for tests.)
 */
public final class Postgres implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      Map.of("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on");

  private final EmbeddedPostgres server;
  private final String version;

  private Postgres(EmbeddedPostgres server, String version) {
    this.server = server;
    this.version = version;
  }

  public static Postgres start() throws IOException, SQLException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder().setPGStartupWait(Duration.ofMinutes(1));
    SETTINGS.forEach(builder::setServerConfig);
    EmbeddedPostgres server = builder.start();
    try (Connection connection = server.getPostgresDatabase().getConnection()) {
      Map<String, String> shown = new LinkedHashMap<>();
      for (String name : SETTINGS.keySet().stream().sorted().toList()) {
        shown.put(name, ask(connection, "show " + name));
      }
      if (!shown.equals(SETTINGS)) {
        throw new IllegalStateException("PostgreSQL is not durable: " + shown);
      }
      String durability =
          shown.entrySet().stream()
              .map(each -> each.getKey() + " " + each.getValue())
              .collect(Collectors.joining(", "));
      return new Postgres(
          server, "PostgreSQL " + ask(connection, "show server_version") + ", " + durability);
    }
  }

  /** What the server says it is. */
  public String version() {
    return version;
  }

  /** For {@code database} in a configuration. */
  public String url() {
    return "postgresql://postgres@127.0.0.1:" + server.getPort() + "/postgres";
  }

  /** A pool of connections, all of them open. */
  HikariDataSource pool(int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.getJdbcUrl("postgres", "postgres"));
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(size);
    return new HikariDataSource(config);
  }

  public void execute(String... statements) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  public String ask(String query) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection()) {
      return ask(connection, query);
    }
  }

  private static String ask(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return String.valueOf(result.getString(1));
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
