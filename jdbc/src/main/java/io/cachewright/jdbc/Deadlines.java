// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs queries, and cancels those that take too long.
 *
 * <p>A driver's own query timeout sets up a timer for each statement, and wakes the timer's thread
 * for it: a third of the time of a statement on one row. Here a statement enters a set and leaves
 * it, and one thread looks at the set a few times a second. The thread starts with the first query
 * and ends when there was nothing to watch for a while, so that nobody has to stop it.
 */
final class Deadlines {
  private static final Logger log = LoggerFactory.getLogger(Deadlines.class);
  private static final long TICK_NANOS = 250_000_000;
  private static final int IDLE_TICKS_MAX = 120;

  /** The SQLSTATE of a transaction of which nobody knows whether it was committed. */
  private static final String UNRESOLVED = "08007";

  private final long timeoutNanos;
  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();

  /** Null while none runs. Written under this object's lock. */
  private volatile @Nullable Thread watcher;

  /** One query that runs. Compared by identity. */
  private static final class Watched {
    final Statement statement;
    final long deadlineNanos;

    /** Written by the watching thread alone, before it cancels. */
    volatile boolean cancelled;

    Watched(Statement statement, long deadlineNanos) {
      this.statement = statement;
      this.deadlineNanos = deadlineNanos;
    }
  }

  /**
   * @param timeoutSeconds 0 for no bound
   */
  Deadlines(long timeoutSeconds) {
    this.timeoutNanos = TimeUnit.SECONDS.toNanos(timeoutSeconds);
  }

  private interface Execution<T> {
    T execute() throws SQLException;
  }

  /**
   * @param patience how many times the bound it may take
   */
  ResultSet query(PreparedStatement statement, int patience) throws SQLException {
    return watched(statement, patience, statement::executeQuery);
  }

  int update(PreparedStatement statement, int patience) throws SQLException {
    return watched(statement, patience, statement::executeUpdate);
  }

  void execute(Statement statement, String sql, int patience) throws SQLException {
    watched(statement, patience, () -> statement.execute(sql));
  }

  private <T> T watched(Statement statement, int patience, Execution<T> execution)
      throws SQLException {
    if (timeoutNanos == 0) {
      return execution.execute();
    }
    // The clock may wrap around, and so may the sum: only differences are looked at.
    long boundNanos =
        timeoutNanos > Long.MAX_VALUE / patience ? Long.MAX_VALUE : timeoutNanos * patience;
    Watched each = new Watched(statement, System.nanoTime() + boundNanos);
    watched.add(each);
    try {
      if (watcher == null) {
        start();
      }
      T result = execution.execute();
      if (each.cancelled && statement.getWarnings() != null) {
        throw unresolved(statement.getWarnings(), boundNanos);
      }
      return result;
    } finally {
      watched.remove(each);
    }
  }

  /**
   * PostgreSQL takes a commit that waits for a synchronous standby for done when it is cancelled,
   * and says by a mere warning (a 01000, as of any trigger) that the standby may not have it.
   */
  private static SQLException unresolved(SQLWarning warning, long boundNanos) {
    String message =
        String.format(
            "cancelled after %d s, and done with the warning: %s",
            TimeUnit.NANOSECONDS.toSeconds(boundNanos), warning.getMessage());
    return new SQLException(message, UNRESOLVED, warning);
  }

  private synchronized void start() {
    if (watcher == null) {
      Thread thread = new Thread(this::watch, "cachewright-jdbc-deadlines");
      thread.setDaemon(true);
      thread.start();
      watcher = thread; // only now: there may be no thread to be had
    }
  }

  private void watch() {
    int idleTicks = 0;
    while (idleTicks < IDLE_TICKS_MAX || !end()) {
      LockSupport.parkNanos(TICK_NANOS);
      idleTicks = watched.isEmpty() ? idleTicks + 1 : 0;
      long now = System.nanoTime();
      for (Watched each : watched) {
        if (now - each.deadlineNanos >= 0 && !each.cancelled) {
          each.cancelled = true;
          cancel(each.statement);
        }
      }
    }
  }

  /** Ends the watching, unless a query has come that counted on it. */
  private synchronized boolean end() {
    watcher = null;
    if (watched.isEmpty()) {
      return true;
    }
    watcher = Thread.currentThread();
    return false;
  }

  /** Drivers see to it that this cannot hit the connection's next statement. */
  private static void cancel(Statement statement) {
    try {
      statement.cancel();
    } catch (SQLException | RuntimeException e) {
      log.warn("a statement that takes too long cannot be cancelled: {}", e.getMessage());
    }
  }
}
