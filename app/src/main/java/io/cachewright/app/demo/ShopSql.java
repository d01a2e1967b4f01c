// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** What the shop says to its database, in plain JDBC, with connections from a pool. */
final class ShopSql {
  private final DataSource pool;

  ShopSql(DataSource pool) {
    this.pool = pool;
  }

  /** A customer as a text of {@code column=value} lines; of none, an empty one. */
  String read(int customer) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement select =
            connection.prepareStatement("select * from customers where id = ?")) {
      select.setInt(1, customer);
      try (ResultSet result = select.executeQuery()) {
        return result.next() ? text(result) : "";
      }
    }
  }

  /** Every customer: its columns and their values by turns, those that are null left out. */
  List<List<String>> readAll() throws SQLException {
    List<List<String>> all = new ArrayList<>();
    try (Connection connection = pool.getConnection();
        PreparedStatement select =
            connection.prepareStatement("select * from customers order by id");
        ResultSet result = select.executeQuery()) {
      ResultSetMetaData columns = result.getMetaData();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          String value = result.getString(i);
          if (value != null) {
            row.add(columns.getColumnLabel(i));
            row.add(value);
          }
        }
        all.add(row);
      }
    }
    return all;
  }

  private static String text(ResultSet row) throws SQLException {
    ResultSetMetaData columns = row.getMetaData();
    StringBuilder text = new StringBuilder(256);
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      text.append(columns.getColumnLabel(i)).append('=').append(row.getString(i)).append('\n');
    }
    return text.toString();
  }

  void write(int customer, int points) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement update =
            connection.prepareStatement("update customers set points = ? where id = ?")) {
      update.setInt(1, points);
      update.setInt(2, customer);
      update.executeUpdate();
    }
  }
}
