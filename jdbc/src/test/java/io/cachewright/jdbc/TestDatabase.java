// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Written;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A real database and the verbs that tests speak. */
abstract class TestDatabase implements AutoCloseable {

  abstract DataSource dataSource();

  JdbcDatabase open() {
    return JdbcDatabase.of(dataSource());
  }

  /** What another program does in the database, behind our back. */
  void run(String... statements) {
    try (Connection connection = dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** The first column of a query's rows, as text. */
  List<@Nullable String> ask(String query) {
    try (Connection connection = dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      List<@Nullable String> answer = new ArrayList<>();
      while (result.next()) {
        answer.add(result.getString(1));
      }
      return answer;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public abstract void close();

  // ---- a small language over a store ----

  static Row row(TableStore store, Object... namesAndValues) {
    Row row = Row.empty(store.table().rowColumns());
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = (String) namesAndValues[i];
      Object value = namesAndValues[i + 1];
      row = row.with(name, value == null ? null : store.table().column(name).check(value));
    }
    return row;
  }

  static Outcome<Written<Row>> apply(TableStore store, Change<Object, Row> change) {
    return store.apply(List.of(change)).get(0);
  }

  static Written<Row> put(TableStore store, Object key, Object... namesAndValues) {
    return applied(apply(store, new Change.Put<>(key, row(store, namesAndValues))));
  }

  static Written<Row> insert(TableStore store, Object key, Object... namesAndValues) {
    return applied(apply(store, new Change.Insert<>(key, row(store, namesAndValues))));
  }

  static Written<Row> remove(TableStore store, Object key) {
    return applied(apply(store, new Change.Remove<>(key)));
  }

  static <R> R applied(Outcome<R> outcome) {
    if (outcome instanceof Outcome.Applied<R> applied) {
      return applied.result();
    } else if (outcome instanceof Outcome.Refused<R> refused) {
      throw new AssertionError(refused.cause());
    } else if (outcome instanceof Outcome.TryAgain<R> tryAgain) {
      throw new AssertionError(tryAgain.cause());
    }
    throw new AssertionError(outcome.toString());
  }

  static @Nullable Row load(TableStore store, Object key) {
    return store.load(List.of(key)).get(key);
  }
}
