// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.LongAdder;

/**
 * A borrowed connection, and what is sent on it. Of one thread.
 *
 * @param deadlines runs queries, for no longer than they may take
 * @param statements counts what is sent
 */
record Session(Connection connection, Deadlines deadlines, LongAdder statements) {

  PreparedStatement prepare(String sql) throws SQLException {
    return connection.prepareStatement(sql);
  }

  /** Sends a statement that answers with rows. */
  ResultSet query(PreparedStatement statement) throws SQLException {
    statements.increment();
    return deadlines.query(statement);
  }

  /** Sends a statement that answers with a count. */
  int update(PreparedStatement statement) throws SQLException {
    statements.increment();
    return statement.executeUpdate();
  }

  void execute(String sql) throws SQLException {
    statements.increment();
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
