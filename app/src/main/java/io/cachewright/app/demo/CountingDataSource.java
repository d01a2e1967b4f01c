// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is sent to the database: each execution, each entry of a batch, each COMMIT and
 * ROLLBACK. Everything of the demo goes through one of these, cache or no cache, so that the
 * figures can be compared.
 *
 * <p>Can also be as far away as a database on another machine: then each use of a connection takes
 * a round trip more, and so does each COMMIT. (Not each statement: what is sent together with a
 * good driver is one round trip.)
 */
final class CountingDataSource implements DataSource {
  private static final Set<String> ONE =
      Set.of("execute", "executeQuery", "executeUpdate", "executeLargeUpdate");
  private static final Set<String> END = Set.of("commit", "rollback");
  private static final Set<String> MAKES_STATEMENT =
      Set.of("prepareStatement", "createStatement", "prepareCall");

  private final DataSource inner;
  private final long roundTripNanos;
  private final LongAdder statements = new LongAdder();

  CountingDataSource(DataSource inner, Duration roundTrip) {
    this.inner = inner;
    this.roundTripNanos = roundTrip.toNanos();
  }

  long statements() {
    return statements.sum();
  }

  @Override
  public Connection getConnection() throws SQLException {
    return counted(inner.getConnection());
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return counted(inner.getConnection(user, password));
  }

  private void travel() {
    long end = System.nanoTime() + roundTripNanos;
    for (long left = roundTripNanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Connection counted(Connection connection) {
    travel();
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          if (END.contains(method.getName())) {
            statements.increment();
            travel();
          }
          Object result = call(connection, method, arguments);
          return MAKES_STATEMENT.contains(method.getName()) && result != null
              ? countedStatement(result)
              : result;
        });
  }

  private Object countedStatement(Object statement) {
    Class<?> type =
        statement instanceof PreparedStatement
            ? java.sql.CallableStatement.class.isInstance(statement)
                ? java.sql.CallableStatement.class
                : PreparedStatement.class
            : java.sql.Statement.class;
    long[] batched = {0}; // a statement is used by one thread at a time
    return proxy(
        type,
        (proxy, method, arguments) -> {
          String name = method.getName();
          if (ONE.contains(name)) {
            statements.increment();
          } else if (name.equals("addBatch")) {
            batched[0]++;
          } else if (name.equals("executeBatch") || name.equals("executeLargeBatch")) {
            statements.add(batched[0]);
            batched[0] = 0;
          } else if (name.equals("clearBatch")) {
            batched[0] = 0;
          }
          return call(statement, method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            CountingDataSource.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object call(
      Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  // ---- the rest is the pool's ----

  @Override
  public @Nullable PrintWriter getLogWriter() throws SQLException {
    return inner.getLogWriter();
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
    inner.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    inner.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return inner.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return inner.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return inner.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return inner.isWrapperFor(type);
  }
}
