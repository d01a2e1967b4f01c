// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.store.FlushTarget;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code cachewright_position}, a row per log: how often it has been claimed, and how far
 * the database has got.
 *
 * @param name in statements, with its schema
 * @param exists whether it was there when it was looked for
 * @param create the statement that makes it
 * @param grant the statement that lets this user use it; empty where there are no users
 * @param returning what a move of the position is to evaluate besides
 */
record PositionTable(String name, boolean exists, String create, String grant, String returning) {

  /** What everybody who makes the table has it look like. */
  static String create(String name, String timeType) {
    return "create table if not exists "
        + name
        + " (log text not null primary key, epoch bigint not null, position bigint not null,"
        + " updated_at "
        + timeType
        + " not null default current_timestamp)";
  }

  /** Takes the log over, in one statement: of two who claim it at once each gets its own epoch. */
  FlushTarget.Claim claim(Session session, String log) throws SQLException {
    String sql =
        "insert into "
            + name
            + " as p (log, epoch, position) values (?, 1, 0) on conflict (log) do update set"
            + " epoch = p.epoch + 1, updated_at = current_timestamp returning epoch, position";
    FlushTarget.Claim claim = ask(session, sql, log);
    if (claim == null) {
      throw new SQLException("a trigger or rule on " + name + " keeps logs from being claimed");
    }
    return claim;
  }

  /** Null if nothing is noted of the log. */
  FlushTarget.@Nullable Claim read(Session session, String log) throws SQLException {
    return ask(session, "select epoch, position from " + name + " where log = ?", log);
  }

  private static FlushTarget.@Nullable Claim ask(Session session, String sql, String log)
      throws SQLException {
    try (PreparedStatement statement = session.prepare(sql)) {
      statement.setString(1, log);
      FlushTarget.Claim claim = null;
      try (ResultSet result = session.query(statement)) {
        // To the end: in autocommit mode that is where SQLite commits.
        while (result.next()) {
          claim = new FlushTarget.Claim(result.getLong(1), result.getLong(2));
        }
      }
      return claim;
    }
  }

  /** Moves the position, if epoch and position are those expected; answers whether they were. */
  boolean move(Session session, FlushTarget.Stretch stretch) throws SQLException {
    String sql =
        "update "
            + name
            + " set position = ?, updated_at = current_timestamp"
            + " where log = ? and epoch = ? and position = ? returning "
            + returning;
    try (PreparedStatement statement = session.prepare(sql)) {
      statement.setLong(1, stretch.to());
      statement.setString(2, stretch.log());
      statement.setLong(3, stretch.epoch());
      statement.setLong(4, stretch.from());
      boolean moved = false;
      try (ResultSet result = session.query(statement)) {
        while (result.next()) {
          moved = true;
        }
      }
      return moved;
    }
  }

  /** What somebody with the right is to run. */
  String remedy() {
    return create + ";" + (grant.isEmpty() ? "" : " " + grant + ";");
  }
}
