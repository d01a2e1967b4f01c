// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What differs from one database to the next: its catalog, its statements, its errors. Stateless
 * but for statements it has built.
 */
interface Dialect {
  /** The name of the savepoint that what a flush tries goes back to. */
  String BLOCK = "block";

  String name();

  /** Whether answers come over a connection, in which a part of one may be left unread. */
  boolean isRemote();

  /** The tables of the database; with a name only those it may mean, the best first. */
  List<Table> tables(Connection connection, @Nullable TableName name) throws SQLException;

  /** The names of all tables, for an error that suggests some. */
  List<String> tableNames(Connection connection) throws SQLException;

  /** Loads rows by their keys. Of any number: cuts them into statements. */
  Map<Object, Row> load(Session session, Table table, Collection<Object> keys) throws SQLException;

  /** Applies a run, and tells each change what became of it. Sends one statement or more. */
  void apply(Session session, Run run) throws SQLException;

  /** Whether {@link #apply} is sure to change the database by no more than one statement. */
  boolean isOneStatement(Run run);

  /**
   * Applies a run in a transaction, and reads nothing back.
   *
   * @param careful whether this is the second try, after {@link #mayPassWithCare}
   */
  void flush(Session session, Run run, boolean careful) throws SQLException;

  /**
   * Whether what was refused may pass if it is sent in the order in which it came, with the
   * constraints checked as late as they can be, and taking nothing for granted.
   */
  boolean mayPassWithCare(SQLException error);

  /** Has the constraints that allow it checked at the transaction's end. */
  void deferConstraints(Session session) throws SQLException;

  /**
   * How many rows violate a constraint whose check was put off; 0 where {@link #endBlock} needs no
   * such number.
   */
  long violated(Session session) throws SQLException;

  /**
   * Has the constraints whose check was put off checked now, and if they hold, begins a new
   * savepoint {@link #BLOCK} in place of the one there is.
   *
   * @param before what {@link #violated} answered before the changes
   * @return what it answers now
   * @throws SQLException if one is violated that was not before, as COMMIT would throw it
   */
  long endBlock(Session session, long before) throws SQLException;

  /** Where positions are noted on this connection, whether or not it is there. */
  PositionTable positionTable(Session session) throws SQLException;

  /** How many changes one run may have. */
  int rowsMax();

  /** Opens a transaction on a connection in autocommit mode. */
  void begin(Session session) throws SQLException;

  void commit(Session session) throws SQLException;

  void rollback(Session session) throws SQLException;

  // ---- tables that are made here ----

  /**
   * The type of a column of this kind, in a statement that makes it.
   *
   * @throws io.cachewright.ConfigurationException if none can be made without knowing more
   */
  String typeOf(Kind kind);

  /** The value as it is written in a statement. */
  String literal(Object value, ColumnType type);

  /** What follows {@code create index} for one on a column of this table, up to the table. */
  String indexOn(TableName table, String column);

  /** What an error means. Called of errors of statements, not of those of getting a connection. */
  Fault.Kind kindOf(SQLException error);

  /** The code that names the error: its SQLSTATE, or the database's own. */
  String codeOf(SQLException error);
}
