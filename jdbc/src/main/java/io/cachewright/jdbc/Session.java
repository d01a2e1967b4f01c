// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.LongAdder;

/**
 * A borrowed connection, and what is sent on it. Of one thread.
 *
 * @param timeoutSeconds how long a statement may take; 0 for ever
 * @param statements counts what is sent
 */
record Session(Connection connection, int timeoutSeconds, LongAdder statements) {

  /** A statement that is about to be executed, once. */
  PreparedStatement prepare(String sql) throws SQLException {
    statements.increment();
    PreparedStatement statement = connection.prepareStatement(sql);
    if (timeoutSeconds > 0) {
      statement.setQueryTimeout(timeoutSeconds);
    }
    return statement;
  }

  void execute(String sql) throws SQLException {
    statements.increment();
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
