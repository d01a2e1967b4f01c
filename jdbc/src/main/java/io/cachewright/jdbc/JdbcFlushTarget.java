// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.StoreAwayException;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.Transaction;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What write-behind flushes to: tables, and beside them {@code cachewright_position}, made on first
 * use where unqualified names lead.
 */
final class JdbcFlushTarget implements FlushTarget {
  private static final int LOG_LENGTH_MAX = 100;

  /** The name of no log. */
  private static final String CHECKED_LOG = "check";

  private final JdbcDatabase database;
  private final Connections connections;

  /** Null until it was first found or made. All who race to set it would set the same. */
  private volatile @Nullable PositionTable known;

  JdbcFlushTarget(JdbcDatabase database, Connections connections) {
    this.database = database;
    this.connections = connections;
  }

  JdbcDatabase database() {
    return database;
  }

  @Override
  public Claim claim(String log) {
    if (log.isEmpty() || log.length() > LOG_LENGTH_MAX) {
      throw new ConfigurationException(
          String.format(
              "the name of a log has 1 to %d characters; \"%s\" has %d",
              LOG_LENGTH_MAX, log, log.length()));
    }
    return ask("claim of log " + log, (table, session) -> table.claim(session, log));
  }

  /** A log of which nothing is noted reads as never claimed: epoch 0, which no claim returns. */
  @Override
  public Claim read(String log) {
    return ask(
        "position of log " + log,
        (table, session) -> {
          Claim claim = table.read(session, log);
          return claim == null ? new Claim(0, 0) : claim;
        });
  }

  @Override
  public Flushed flush(List<Transaction.Part<?, ?>> changes, Stretch stretch, Aside aside) {
    try {
      return new Flush(this, connections, changes, stretch, aside).apply();
    } catch (StoreAwayException e) { // it is not even known yet which database it is
      return new Flushed.TryAgain(e);
    }
  }

  /** Whether a log could be claimed. Leaves everything as it was. */
  void check() {
    Dialect dialect = database.dialect();
    try (Connections.Loan loan = connections.borrow()) {
      PositionTable table = null;
      try {
        dialect.begin(loan.session);
        table = dialect.positionTable(loan.session);
        if (!table.exists()) {
          loan.session.execute(table.create());
        }
        var unused = table.claim(loan.session, CHECKED_LOG);
        dialect.rollback(loan.session);
        connections.availability().up();
      } catch (SQLException e) {
        throw notFit(loan, dialect, table, e);
      } catch (RuntimeException | Error e) {
        loan.rollBack(dialect, e);
        throw e;
      }
    }
  }

  private CacheException notFit(
      Connections.Loan loan, Dialect dialect, @Nullable PositionTable table, SQLException error) {
    Fault.Kind kind = dialect.kindOf(error);
    if (kind.isLost()) {
      loan.broken();
      connections.availability().down(error);
    } else {
      loan.rollBack(dialect, error);
      connections.availability().up();
    }
    if (kind != Fault.Kind.REFUSED) {
      return Fault.passing(dialect, error, "where write-behind notes how far it has got");
    }
    return table != null && !table.exists()
        ? notMade(dialect, table, error)
        : new ConfigurationException(unusable(dialect, table, error), error);
  }

  private interface Question<T> {
    T ask(PositionTable table, Session session) throws SQLException;
  }

  private <T> T ask(String what, Question<T> question) {
    Dialect dialect = database.dialect();
    for (int retry = 0; ; retry++) {
      try (Connections.Loan loan = connections.borrow(retry)) {
        try {
          T answer = question.ask(table(dialect, loan.session), loan.session);
          connections.availability().up();
          return answer;
        } catch (SQLException e) {
          Fault.Kind kind = dialect.kindOf(e);
          if (!kind.isLost()) {
            connections.availability().up();
            throw kind == Fault.Kind.REFUSED
                ? unusable(dialect, e)
                : Fault.passing(dialect, e, what);
          }
          loan.broken();
          if (retry >= Connections.RETRIES_MAX) {
            connections.availability().down(e);
            throw Fault.passing(dialect, e, what);
          }
        } catch (Error e) {
          loan.rollBack(dialect, e);
          throw e;
        }
      }
    }
  }

  /** The table, which is made if it is not there. */
  PositionTable table(Dialect dialect, Session session) throws SQLException {
    PositionTable table = known;
    if (table == null) {
      table = dialect.positionTable(session);
      if (!table.exists()) {
        table = made(dialect, session, table);
      }
      known = table;
    }
    return table;
  }

  /**
   * Makes it. Of two processes that do so at once one may be refused, {@code if not exists} or not;
   * but then it is there.
   */
  private static PositionTable made(Dialect dialect, Session session, PositionTable absent)
      throws SQLException {
    try {
      session.execute(absent.create());
      return absent;
    } catch (SQLException e) {
      if (dialect.kindOf(e) != Fault.Kind.REFUSED) {
        throw e;
      }
      PositionTable again = dialect.positionTable(session);
      if (again.exists()) {
        return again;
      }
      throw notMade(dialect, absent, e);
    }
  }

  private static ConfigurationException notMade(
      Dialect dialect, PositionTable absent, SQLException error) {
    return new ConfigurationException(
        String.format(
            "write-behind notes in the table %s how far it has got; it is not there, and cannot"
                + " be made: %s. Have somebody with the right to run: %s",
            absent.name(), Fault.told(error, dialect.codeOf(error)), absent.remedy()),
        error);
  }

  private ConfigurationException unusable(Dialect dialect, SQLException error) {
    PositionTable table = known;
    known = null; // perhaps it was dropped, and is to be made anew
    return new ConfigurationException(unusable(dialect, table, error), error);
  }

  /** Why positions cannot be noted, and what to do. */
  static String unusable(Dialect dialect, @Nullable PositionTable table, SQLException error) {
    String told = Fault.told(error, dialect.codeOf(error));
    return table == null
        ? "the table in which write-behind notes how far it has got cannot be found: " + told
        : String.format(
            "write-behind cannot note in the table %s how far it has got: %s. It must be as this"
                + " makes it: %s",
            table.name(), told, table.remedy());
  }
}
