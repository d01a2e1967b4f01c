// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Statements past every cache. */
final class TestSql {
  private TestSql() {}

  static void sql(DataSource source, String statement) {
    try (Connection connection = source.getConnection();
        Statement run = connection.createStatement()) {
      run.execute(statement);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** The first column of the first row, as text. */
  static String query(DataSource source, String select) {
    try (Connection connection = source.getConnection();
        Statement run = connection.createStatement();
        ResultSet rows = run.executeQuery(select)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "no row";
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
