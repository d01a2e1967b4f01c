// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.sqlite.SQLiteDataSource;

/**
 * The database of these examples: a file that is deleted at the end. With PostgreSQL the data
 * source would be a pool, and nothing else would differ.
 */
final class Sqlite implements AutoCloseable {
  private final Path directory;
  private final SQLiteDataSource dataSource = new SQLiteDataSource();

  private Sqlite(Path directory) {
    this.directory = directory;
    dataSource.setUrl("jdbc:sqlite:" + directory.resolve("example.db"));
  }

  static Sqlite open() {
    try {
      return new Sqlite(Files.createTempDirectory("cachewright-example"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  DataSource dataSource() {
    return dataSource;
  }

  /** What the application does without the cache. */
  void execute(String... statements) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  /** The first column of the first row. */
  String ask(String query) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      return result.next() ? String.valueOf(result.getString(1)) : "no row";
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
