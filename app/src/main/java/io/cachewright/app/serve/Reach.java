// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.jdbc.JdbcDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Whether the database can be reached, found out by one connection without the pool. */
public sealed interface Reach {

  /** It can. */
  record Reached() implements Reach {}

  /** Not now: no answer, starting up, too many connections. Trying again will mend it. */
  record Away(String reason) implements Reach {}

  /** Not as it is configured: wrong password, no such database. The message says what to do. */
  record Refused(String message) implements Reach {}

  /** Tries once. Takes about as long as {@code connect-timeout} at the most. */
  static Reach of(Configuration configuration, DatabaseUrl url) {
    String missing = missingFile(url);
    if (missing != null) {
      return new Refused(missing);
    }
    try (Connection connection = Pool.connect(configuration, url)) {
      if (url.kind() == DatabaseUrl.Kind.SQLITE) {
        try (var statement = connection.createStatement()) {
          statement.executeQuery("select count(*) from sqlite_master").close();
        }
      }
      return new Reached();
    } catch (SQLException e) {
      return url.kind() == DatabaseUrl.Kind.SQLITE ? ofSqlite(url, e) : ofPostgres(url, e);
    }
  }

  /** SQLite would make an empty database of a name that was mistyped. */
  private static @Nullable String missingFile(DatabaseUrl url) {
    if (url.kind() != DatabaseUrl.Kind.SQLITE) {
      return null;
    }
    Path file = Path.of(url.file());
    if (Files.isDirectory(file)) {
      return url.shown() + " is a directory; name the database's file";
    }
    return Files.exists(file)
        ? null
        : "there is no file "
            + file.toAbsolutePath().normalize()
            + "; check the path of "
            + url.shown();
  }

  private static Reach ofSqlite(DatabaseUrl url, SQLException error) {
    String message = JdbcDatabase.told(error);
    if (message.contains("SQLITE_BUSY") || message.contains("SQLITE_LOCKED")) {
      return new Away(url.shown() + " is locked by another process");
    }
    return new Refused(url.shown() + " cannot be opened: " + message);
  }

  private static Reach ofPostgres(DatabaseUrl url, SQLException error) {
    String state = error.getSQLState() == null ? "" : error.getSQLState();
    String driver = JdbcDatabase.told(error).replace(url.jdbc(), url.shown()); // has no password
    String told = url.shown() + ": " + driver + (state.isEmpty() ? "" : " [" + state + "]");
    String advice =
        switch (state) {
          case "28P01", "28000", "08004" -> // 08004: the driver was given no password
              "check user and password (in the URL, or user, password and password-file, or"
                  + " CACHEWRIGHT_PASSWORD), and pg_hba.conf on the server";
          case "3D000" -> "check the database's name, the last part of the URL";
          case "42501" -> "grant the user CONNECT on the database";
          default -> "";
        };
    if (!advice.isEmpty()) {
      return new Refused(told + "; " + advice);
    }
    // 08 connection, 53 too little of something, 57 starting up or shutting down; I/O has no state.
    boolean passing =
        state.isEmpty()
            || state.startsWith("08")
            || state.startsWith("53")
            || state.startsWith("57");
    return passing ? new Away(told) : new Refused(told);
  }
}
