// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.ConfigurationException;
import io.cachewright.StoreAwayException;
import java.sql.Connection;
import java.sql.SQLException;

/** The databases that are known, and which of them a connection leads to. */
final class Dialects {
  private static final String REFUSED_LOGIN = "28";
  private static final String NO_SUCH_DATABASE = "3D000";

  private Dialects() {}

  static Dialect of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return switch (product) {
      case "PostgreSQL" -> new PostgresDialect();
      case "SQLite" -> new SqliteDialect();
      default ->
          throw new ConfigurationException(
              "the database is " + product + "; supported are PostgreSQL and SQLite");
    };
  }

  /** Whether there is no connection because of a wrong user, password or database name. */
  static boolean isRefusedLogin(StoreAwayException error) {
    if (!(error.getCause() instanceof SQLException cause)) {
      return false;
    }
    String state = Connections.withState(cause).getSQLState();
    return state != null && (state.startsWith(REFUSED_LOGIN) || state.equals(NO_SUCH_DATABASE));
  }
}
