// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static io.cachewright.jdbc.TestDatabase.apply;
import static io.cachewright.jdbc.TestDatabase.put;
import static io.cachewright.jdbc.TestDatabase.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Connections of which nobody knows in what state they are, and pools that do not want them. */
class BrokenConnectionTest {

  /** Lends one connection for ever, as a pool of one does. */
  private static final class One {
    final PGSimpleDataSource source = new PGSimpleDataSource();
    Connection real;
    boolean closeThrows;

    /** Whether statements end with an error in the middle of their answer. */
    boolean full;

    private static PreparedStatement failing(PreparedStatement statement) {
      return (PreparedStatement)
          Proxy.newProxyInstance(
              One.class.getClassLoader(),
              new Class<?>[] {PreparedStatement.class},
              (proxy, method, args) -> {
                if (method.getName().startsWith("execute")) {
                  throw new StackOverflowError();
                }
                return method.invoke(statement, args);
              });
    }

    One(String url) {
      source.setUrl(url);
    }

    Connection lend() throws SQLException {
      if (real == null || real.isClosed()) {
        real = source.getConnection();
      }
      Connection lent = real;
      return (Connection)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, args) -> {
                if (method.getName().equals("close")) {
                  if (closeThrows) {
                    throw new IllegalStateException("pool is closed");
                  }
                  return null;
                }
                try {
                  Object result = method.invoke(lent, args);
                  return full && result instanceof PreparedStatement statement
                      ? failing(statement)
                      : result;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    DataSource dataSource() {
      return (DataSource)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {DataSource.class},
              (proxy, method, args) -> lend());
    }
  }

  @Test
  void p4_aConnectionThatCannotBeGivenBackChangesNothing() {
    try (TestPostgres database = TestPostgres.create()) {
      database.run("create table users (id bigint primary key, name text not null)");
      One one = new One(database.url());
      TableStore users = JdbcDatabase.of(one.dataSource()).table("users");
      put(users, 1L, "name", "a");
      one.closeThrows = true;
      Outcome<?> outcome = null;
      Throwable error = null;
      try {
        outcome = apply(users, new Change.Put<>(1L, row(users, "name", "b")));
      } catch (RuntimeException e) {
        error = e;
      }
      assertThat(database.ask("select name from users")).containsExactly("b");
      assertThat(error).isNull();
      assertThat(outcome).isInstanceOf(Outcome.Applied.class);
    }
  }

  @Test
  void theConnectionOfAnErrorIsNotLentAgain() throws Exception {
    try (TestPostgres database = TestPostgres.create()) {
      database.run("create table users (id bigint primary key, name text not null)");
      One one = new One(database.url());
      TableStore users = JdbcDatabase.of(one.dataSource()).table("users");
      put(users, 1L, "name", "a");
      List<Runnable> calls =
          List.of(
              () -> load(users, 1, 1),
              () -> apply(users, new Change.Remove<>(1L)),
              () ->
                  users.apply(
                      List.of(
                          new Change.Put<>(1L, row(users, "name", "b")), new Change.Remove<>(2L))));
      for (Runnable call : calls) {
        Connection before = one.real;
        one.full = true;
        assertThatThrownBy(call::run).isInstanceOf(StackOverflowError.class);
        one.full = false;
        assertThat(before.isClosed()).isTrue();
        assertThat(load(users, 1, 1)).hasSize(1);
      }
    }
  }

  private static Map<Object, Row> load(TableStore users, int first, int count) {
    List<Object> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add((long) first + i);
    }
    return users.load(keys);
  }
}
