// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import io.cachewright.benchmarks.User;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/**
 * The two quickest ways to get many rows into a table that may have them already, on one
 * connection, a transaction for each batch. What a program would be that has nothing else to do.
 */
final class PlainBatches {

  /** Writes rows, and does not commit. */
  @FunctionalInterface
  interface Way {
    void write(Connection connection, UsersTable table, List<User> users)
        throws SQLException, IOException;
  }

  private PlainBatches() {}

  /** An array for each column, in one statement. */
  static void unnest(Connection connection, UsersTable table, List<User> users)
      throws SQLException {
    String sql =
        "insert into "
            + table.name()
            + " ("
            + UsersTable.COLUMNS
            + ") select * from unnest(?::bigint[], ?::text[], ?::text[], ?::numeric[],"
            + " ?::timestamp[], ?::text[])"
            + UsersTable.ON_CONFLICT;
    Long[] ids = new Long[users.size()];
    Object[][] others = new Object[5][users.size()];
    for (int i = 0; i < users.size(); i++) {
      User user = users.get(i);
      ids[i] = user.id();
      others[0][i] = user.email();
      others[1][i] = user.name();
      others[2][i] = user.balance();
      others[3][i] = user.createdAt();
      others[4][i] = user.bio();
    }
    String[] types = {"text", "text", "numeric", "timestamp", "text"};
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("bigint", ids));
      for (int i = 0; i < types.length; i++) {
        statement.setArray(i + 2, connection.createArrayOf(types[i], others[i]));
      }
      statement.executeUpdate();
    }
  }

  /** COPY into a temporary table, and from there by one upsert. */
  static void copy(Connection connection, UsersTable table, List<User> users)
      throws SQLException, IOException {
    String temporary = table.name() + "_new";
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "create temporary table if not exists "
              + temporary
              + " (like "
              + table.name()
              + ") on commit delete rows");
      new CopyManager(connection.unwrap(BaseConnection.class))
          .copyIn(
              "copy " + temporary + " from stdin",
              new java.io.ByteArrayInputStream(lines(users).getBytes(StandardCharsets.UTF_8)));
      statement.executeUpdate(
          "insert into " + table.name() + " select * from " + temporary + UsersTable.ON_CONFLICT);
    }
  }

  /** As COPY has them; no text here needs an escape. */
  private static String lines(List<User> users) {
    StringBuilder lines = new StringBuilder(users.size() * 256);
    for (User user : users) {
      lines.append(user.id()).append('\t').append(user.email()).append('\t').append(user.name());
      lines.append('\t').append(user.balance()).append('\t').append(user.createdAt());
      lines.append('\t').append(user.bio()).append('\n');
    }
    return lines.toString();
  }
}
