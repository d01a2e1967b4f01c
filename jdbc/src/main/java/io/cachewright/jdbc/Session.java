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
 * @param deadlines runs statements, for no longer than they may take
 * @param patience how many times that long they may take here
 * @param statements counts what is sent
 */
record Session(Connection connection, Deadlines deadlines, int patience, LongAdder statements) {
  /**
   * A statement of a flush changes thousands of rows, and nobody waits for its answer. The bound is
   * only there so that one that hangs is noticed; cut too early, it would be cut at every try.
   */
  private static final int PATIENCE_OF_FLUSHES = 10;

  Session(Connection connection, Deadlines deadlines, LongAdder statements) {
    this(connection, deadlines, 1, statements);
  }

  /** The same for the statements of a flush. */
  Session patient() {
    return new Session(connection, deadlines, PATIENCE_OF_FLUSHES, statements);
  }

  PreparedStatement prepare(String sql) throws SQLException {
    return connection.prepareStatement(sql);
  }

  /** Sends a statement that answers with rows. */
  ResultSet query(PreparedStatement statement) throws SQLException {
    statements.increment();
    return deadlines.query(statement, patience);
  }

  /** Sends a statement that answers with a count. */
  int update(PreparedStatement statement) throws SQLException {
    statements.increment();
    return deadlines.update(statement, patience);
  }

  /** Sends a statement for which there is no bound. */
  void execute(String sql) throws SQLException {
    statements.increment();
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  void executeInTime(String sql) throws SQLException {
    statements.increment();
    try (Statement statement = connection.createStatement()) {
      deadlines.execute(statement, sql, patience);
    }
  }
}
