// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import io.cachewright.benchmarks.User;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A table of users, and what an application without a cache does with it: a connection from the
 * pool and one prepared statement, for each row.
 */
record UsersTable(String name) {
  /** A column for each of these, in this order. */
  static final String COLUMNS = "id, email, name, balance, created_at, bio";

  /** After an INSERT. */
  static final String ON_CONFLICT =
      " on conflict (id) do update set email = excluded.email, name = excluded.name,"
          + " balance = excluded.balance, created_at = excluded.created_at, bio = excluded.bio";

  private static final int ROWS_AT_ONCE = 1_000;

  String ddl() {
    return "create table "
        + name
        + " (id bigint primary key, email text not null, name text not null,"
        + " balance numeric(12, 2) not null, created_at timestamp not null, bio text)";
  }

  /** Puts users 0 to count - 1 in. */
  void fill(DataSource dataSource, int count) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(upsertSql())) {
      connection.setAutoCommit(false);
      for (int id = 0; id < count; id++) {
        bind(statement, User.of(id));
        statement.addBatch();
        if ((id + 1) % ROWS_AT_ONCE == 0 || id == count - 1) {
          statement.executeBatch();
        }
      }
      connection.commit();
    }
  }

  @Nullable User select(DataSource dataSource, long id) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select id, email, name, balance, created_at, bio from "
                    + name
                    + " where id = ?")) {
      statement.setLong(1, id);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() ? read(result) : null;
      }
    }
  }

  /** Commits by itself. */
  void upsert(DataSource dataSource, User user) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(upsertSql())) {
      bind(statement, user);
      statement.executeUpdate();
    }
  }

  /** How many rows there are and what is in them, in short: the same for equal tables. */
  String contents(Postgres postgres) throws SQLException {
    return postgres.ask(
        "select count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
            + " from "
            + name
            + " t");
  }

  private String upsertSql() {
    return "insert into " + name + " (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?)" + ON_CONFLICT;
  }

  private static void bind(PreparedStatement statement, User user) throws SQLException {
    statement.setLong(1, user.id());
    statement.setString(2, user.email());
    statement.setString(3, user.name());
    statement.setBigDecimal(4, user.balance());
    statement.setObject(5, user.createdAt());
    statement.setString(6, user.bio());
  }

  private static User read(ResultSet result) throws SQLException {
    BigDecimal balance = result.getBigDecimal(4);
    return new User(
        result.getLong(1),
        result.getString(2),
        result.getString(3),
        balance,
        result.getObject(5, LocalDateTime.class),
        result.getString(6));
  }
}
