// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.StoreAwayException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Lends connections and takes them back, in autocommit mode both times. Knows when the database is
 * away ({@link Availability}).
 */
final class Connections {
  /**
   * How often something is tried again on another connection. A restarted database leaves a pool
   * full of dead connections, of which each try finds at most one.
   */
  static final int RETRIES_MAX = 3;

  private final DataSource dataSource;
  private final Availability availability;
  private final Deadlines deadlines;
  private final LongAdder statements = new LongAdder();

  Connections(DataSource dataSource, Availability availability, Deadlines deadlines) {
    this.dataSource = dataSource;
    this.availability = availability;
    this.deadlines = deadlines;
  }

  Availability availability() {
    return availability;
  }

  long statements() {
    return statements.sum();
  }

  /** A connection that must be given back by {@link Loan#close}. */
  final class Loan implements AutoCloseable {
    final Session session;
    private final boolean autoCommitBefore;
    private boolean broken;

    Loan(Session session, boolean autoCommitBefore) {
      this.session = session;
      this.autoCommitBefore = autoCommitBefore;
    }

    /** The connection is in a state nobody knows: close it for good, even if a pool lends it. */
    void broken() {
      broken = true;
    }

    /**
     * Rolls back what an exception ended; a connection that cannot is broken. So is one to a server
     * in which an {@link Error} ended the driver's work: nobody knows how much of an answer it has
     * read, and the next to borrow the connection might be told the rest of it.
     */
    void rollBack(Dialect dialect, Throwable cause) {
      if (cause instanceof Error) {
        availability.notKnown(cause);
        if (dialect.isRemote()) {
          broken();
          return;
        }
      }
      try {
        dialect.rollback(session);
      } catch (SQLException e) {
        cause.addSuppressed(e);
        broken();
      }
    }

    /**
     * SQLite's driver does nothing when told to abort; and a pool's connection stays its own.
     * HikariCP notices that PostgreSQL's is closed, and lends it no more. SQLite's it may lend for
     * another half second: then there is no connection, and nothing is changed.
     */
    private static void end(Connection connection) throws SQLException {
      connection.abort(Runnable::run);
      connection.unwrap(Connection.class).close();
    }

    /** Gives the connection back. What goes wrong then has no bearing on what was done before. */
    @Override
    public void close() {
      Connection connection = session.connection();
      try (connection) {
        if (broken) {
          end(connection);
        } else if (!autoCommitBefore) {
          connection.setAutoCommit(false);
        }
      } catch (SQLException | RuntimeException e) {
        // The pool, or the driver, finds out for itself that the connection is of no more use.
      }
    }
  }

  /** Borrows a connection for something that is tried on this one alone. */
  Loan borrow() {
    return borrow(0);
  }

  /**
   * Borrows a connection.
   *
   * @param retry how often the same was tried before. The first try alone needs to be admitted: a
   *     probe that was lent a dead connection is the probe still, and has yet to find out
   * @throws StoreAwayException if there is none to be had
   */
  Loan borrow(int retry) {
    if (retry == 0) {
      availability.admit();
    }
    Connection connection = null;
    try {
      connection = connection();
      boolean autoCommit = connection.getAutoCommit();
      if (!autoCommit) {
        connection.setAutoCommit(true);
      }
      return new Loan(new Session(connection, deadlines, statements), autoCommit);
    } catch (SQLException e) {
      close(connection, e);
      if (isPoolEmpty(e)) {
        availability.notKnown(e);
      } else {
        availability.down(ofDriver(e));
      }
      throw noConnection(e);
    } catch (RuntimeException e) {
      // Some pools throw these: HikariCP when it is asked for its first connection.
      close(connection, e);
      availability.down(e);
      throw new StoreAwayException("no connection to the database: " + e.getMessage(), e);
    } catch (Error e) {
      close(connection, e);
      availability.notKnown(e);
      throw e;
    }
  }

  /**
   * Waits for a connection even if the thread is interrupted: it works for other callers, too, and
   * that one of them gives up says nothing of the database.
   */
  private Connection connection() throws SQLException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return dataSource.getConnection();
        } catch (SQLException e) {
          if (!Thread.interrupted()) {
            throw e;
          }
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * All connections are lent, and none came back in time; had one failed, there would be a state.
   */
  private static boolean isPoolEmpty(SQLException error) {
    return error instanceof SQLTransientException && withState(error).getSQLState() == null;
  }

  private static StoreAwayException noConnection(SQLException error) {
    String state = withState(error).getSQLState();
    String code = state == null ? "" : state;
    SQLException cause = ofDriver(error);
    String message = "no connection to the database: " + Fault.told(cause, code);
    String pool = cause == error ? "" : " (" + Fault.told(error, "") + ")";
    return new StoreAwayException(message + pool + Advice.of(code), error);
  }

  /** Why it failed: pools tell, first of all, for how long they have tried. */
  private static SQLException ofDriver(SQLException error) {
    SQLException innermost = error;
    for (Throwable each = error; each != null; each = each.getCause()) {
      if (each instanceof SQLException sql) {
        innermost = sql;
      }
    }
    return innermost;
  }

  /** The error itself, or the cause that knows its SQLSTATE: pools wrap what the driver said. */
  static SQLException withState(SQLException error) {
    for (Throwable each = error; each != null; each = each.getCause()) {
      if (each instanceof SQLException sql && sql.getSQLState() != null) {
        return sql;
      }
    }
    return error;
  }

  private static void close(@Nullable Connection connection, Throwable error) {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        error.addSuppressed(e);
      }
    }
  }
}
