// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import io.cachewright.app.Failure;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.config.Settings;
import io.cachewright.app.serve.Pool;
import io.cachewright.app.serve.Reach;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the shop's tables are: a SQLite file of its own, or a schema of its own in a PostgreSQL. A
 * schema that somebody else has made is never touched.
 */
final class DemoDatabase implements AutoCloseable {
  static final String SCHEMA = "cachewright_demo";

  private static final String FILE = "cachewright-demo.db";
  private static final String MARK = "made by cachewright demo; it may be dropped";

  private final String url;
  private final String shown;
  private final @Nullable Configuration postgres;
  private final @Nullable Path file;
  private final boolean temporary;
  private boolean made;

  private DemoDatabase(
      String url,
      String shown,
      @Nullable Configuration postgres,
      @Nullable Path file,
      boolean temporary) {
    this.url = url;
    this.shown = shown;
    this.postgres = postgres;
    this.file = file;
    this.temporary = temporary;
  }

  /**
   * A SQLite file.
   *
   * @param directory null for a fresh one, which is deleted at the end
   */
  static DemoDatabase sqlite(@Nullable Path directory, boolean keep) {
    try {
      Path home =
          directory == null
              ? Files.createTempDirectory("cachewright-demo")
              : Files.createDirectories(directory);
      Path file = home.resolve(FILE).toAbsolutePath();
      for (String name : List.of(FILE, FILE + "-wal", FILE + "-shm")) {
        Files.deleteIfExists(home.resolve(name));
      }
      Files.createFile(file);
      return new DemoDatabase(
          // As is usual with a write-ahead log: a power cut may take back the last commits.
          "sqlite:" + file + "?synchronous=NORMAL",
          "SQLite with a write-ahead log, synchronous=NORMAL, " + file,
          null,
          file,
          directory == null && !keep);
    } catch (IOException e) {
      throw Failure.failed("the database's file cannot be made: " + e, e);
    }
  }

  /**
   * A schema in a PostgreSQL.
   *
   * @param given how to reach it, as `serve` would be told
   * @param text the URL as it was written
   */
  static DemoDatabase postgresql(Configuration given, String text, boolean keep) {
    DatabaseUrl url = given.get(Settings.DATABASE).orElseThrow();
    if (url.kind() != DatabaseUrl.Kind.POSTGRESQL) {
      throw Failure.wrongUse(
          "--database of demo is for a PostgreSQL; a SQLite file it makes itself (--data DIR)");
    }
    Reach reach = Reach.of(given, url);
    if (reach instanceof Reach.Refused refused) {
      throw Failure.failed("the database refuses: " + refused.message());
    } else if (reach instanceof Reach.Away away) {
      throw Failure.failed("the database cannot be reached: " + away.reason());
    }
    String inSchema = text + (text.contains("?") ? "&" : "?") + "currentSchema=" + SCHEMA;
    return new DemoDatabase(inSchema, url.shown() + ", schema " + SCHEMA, given, null, !keep);
  }

  /** For a configuration. */
  String url() {
    return url;
  }

  String shown() {
    return shown;
  }

  /** Whether it runs in this process, and takes its processors. */
  boolean isHere() {
    return file != null;
  }

  /** Whether it is removed at the end. */
  boolean isTemporary() {
    return temporary;
  }

  /** Makes tables and data; answers how many rows. */
  long make(Configuration configuration, Progress progress) {
    DatabaseUrl known = configuration.get(Settings.DATABASE).orElseThrow();
    if (postgres != null) {
      makeSchema();
    }
    try (Connection connection = Pool.connect(configuration, known)) {
      if (file != null) {
        execute(connection, "pragma journal_mode = wal");
      }
      made = true;
      return new Shop(known.kind(), connection, progress).make();
    } catch (SQLException e) {
      throw Failure.failed("the shop's tables cannot be made: " + e.getMessage(), e);
    }
  }

  private void makeSchema() {
    try (Connection connection = own()) {
      String comment = commentOf(connection);
      if (comment != null && !comment.equals(MARK)) {
        throw Failure.failed(
            "there is a schema "
                + SCHEMA
                + " already, and it was not made by `cachewright demo`: rename it, or use another"
                + " database");
      }
      execute(connection, "drop schema if exists " + SCHEMA + " cascade");
      execute(connection, "create schema " + SCHEMA);
      execute(connection, "comment on schema " + SCHEMA + " is '" + MARK + "'");
    } catch (SQLException e) {
      throw Failure.failed(
          "schema "
              + SCHEMA
              + " cannot be made: "
              + e.getMessage()
              + "; the user needs CREATE on"
              + " the database",
          e);
    }
  }

  /** The schema's comment, empty if it has none; null if there is no such schema. */
  private static @Nullable String commentOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_namespace"
                    + " where nspname = '"
                    + SCHEMA
                    + "'")) {
      return result.next() ? result.getString(1) : null;
    }
  }

  private Connection own() throws SQLException {
    if (postgres == null) {
      throw new IllegalStateException("not a PostgreSQL");
    }
    return Pool.connect(postgres, postgres.get(Settings.DATABASE).orElseThrow());
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Removes what was made, unless it is to be kept. */
  @Override
  public void close() throws SQLException, IOException {
    if (!temporary) {
      return;
    }
    if (postgres != null && made) {
      try (Connection connection = own()) {
        execute(connection, "drop schema if exists " + SCHEMA + " cascade");
      }
    }
    if (file != null) {
      for (String ending : List.of("", "-wal", "-shm")) {
        Files.deleteIfExists(Path.of(file + ending));
      }
      Path home = file.getParent();
      if (home != null) {
        Files.deleteIfExists(home);
      }
    }
  }
}
