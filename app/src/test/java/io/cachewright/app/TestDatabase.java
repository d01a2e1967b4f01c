// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** Databases for tests: SQLite files, and one PostgreSQL for all tests of the JVM. */
public final class TestDatabase {
  private TestDatabase() {}

  /** Starts when it is first asked for, and ends with the JVM. */
  private static final class Shared {
    static final EmbeddedPostgres POSTGRES = start(0);
  }

  public static EmbeddedPostgres start(int port) {
    try {
      EmbeddedPostgres.Builder builder =
          EmbeddedPostgres.builder()
              .setPGStartupWait(Duration.ofSeconds(60))
              .setServerConfig("fsync", "off");
      EmbeddedPostgres server = (port == 0 ? builder : builder.setPort(port)).start();
      askForPasswords(server);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of all but its owner; else it would trust anyone from this machine. */
  private static void askForPasswords(EmbeddedPostgres server) throws IOException {
    String rules =
        """
        local all postgres trust
        host  all postgres all trust
        host  all all all scram-sha-256
        """;
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      try (ResultSet file = statement.executeQuery("show hba_file")) {
        file.next();
        Files.writeString(Path.of(file.getString(1)), rules);
      }
      statement.execute("select pg_reload_conf()");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs statements as the owner of a new database; answers a URL with user app. */
  public static String postgres(String name, String... statements) {
    return postgres(Shared.POSTGRES, name, statements);
  }

  public static String postgres(EmbeddedPostgres server, String name, String... statements) {
    String admin = server.getJdbcUrl("postgres", "postgres");
    execute(
        admin,
        "drop database if exists " + name,
        "create database " + name,
        "do $$ begin if not exists (select from pg_roles where rolname = 'app') then"
            + " create role app login password 'secret'; end if; end $$");
    String inside = server.getJdbcUrl("postgres", name);
    execute(
        inside, "grant create on database " + name + " to app", "alter schema public owner to app");
    String url = "postgresql://app:secret@localhost:" + server.getPort() + "/" + name;
    execute(
        "jdbc:postgresql://localhost:"
            + server.getPort()
            + "/"
            + name
            + "?user=app&password=secret",
        statements);
    return url;
  }

  /** Runs statements as the server's owner. */
  public static void asOwner(String name, String... statements) {
    execute(Shared.POSTGRES.getJdbcUrl("postgres", name), statements);
  }

  /** Runs statements in a SQLite file; answers its URL. */
  public static String sqlite(Path file, String... statements) {
    execute("jdbc:sqlite:" + file, statements);
    return "sqlite:" + file;
  }

  /** How many rows a table of a SQLite file has. */
  public static long count(Path file, String table) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select count(*) from " + table)) {
      return result.getLong(1);
    }
  }

  public static void execute(String jdbc, String... statements) {
    try (Connection connection = DriverManager.getConnection(jdbc);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
