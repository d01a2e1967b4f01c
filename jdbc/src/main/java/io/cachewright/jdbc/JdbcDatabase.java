// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Database;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.Mapping;
import io.cachewright.store.MirrorTarget;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.StoreGroup;
import io.cachewright.store.Transaction;
import io.cachewright.store.Written;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A SQL database: PostgreSQL or SQLite. Its tables can stand behind keyspaces.
 *
 * <pre>{@code
 * JdbcDatabase database = JdbcDatabase.of(dataSource);
 * TableStore users = database.table("public.users");
 * }</pre>
 *
 * <p>Connections are the data source's affair: give it a pool (HikariCP is a good one) with a
 * connection timeout of a few seconds, since a call waits that long to learn that the database is
 * away. After that, calls fail at once until it is back.
 *
 * <p>Thread-safe. Needs no closing: it holds nothing but what it knows of tables.
 */
public final class JdbcDatabase implements Database, StoreGroup {
  private static final int SUGGESTIONS_MAX = 20;

  private final Connections connections;
  private final JdbcFlushTarget flushTarget;
  private final Map<String, TableStore> stores = new ConcurrentHashMap<>();

  /** Null until the database was first reached. All who race to set it would set the same. */
  private volatile @Nullable Dialect dialect;

  private JdbcDatabase(DataSource dataSource, JdbcOptions options, LongSupplier clock) {
    this.connections =
        new Connections(
            dataSource, new Availability(clock), new Deadlines(options.queryTimeout().toSeconds()));
    this.flushTarget = new JdbcFlushTarget(this, connections);
  }

  /** Does not connect: the database may be away now. */
  public static JdbcDatabase of(DataSource dataSource) {
    return of(dataSource, JdbcOptions.DEFAULTS);
  }

  public static JdbcDatabase of(DataSource dataSource, JdbcOptions options) {
    return of(dataSource, options, System::nanoTime);
  }

  /** For tests, which own the clock (in nanoseconds). */
  static JdbcDatabase of(DataSource dataSource, JdbcOptions options, LongSupplier clock) {
    return new JdbcDatabase(dataSource, options, clock);
  }

  /** What a driver says, for people: on one line, and with why there is no connection. */
  public static String told(SQLException error) {
    return Fault.told(error, /* code= */ "");
  }

  /**
   * @throws ConfigurationException if there is no such table, or no keyspace can be laid over it;
   *     or if the database refuses the login, which waiting would not mend
   * @throws StoreAwayException if the database cannot be reached
   */
  @Override
  public TableStore table(String name) {
    TableName wanted = TableName.parse(name);
    Table table =
        ask(
            (dialect, connection) -> {
              List<Table> found = dialect.tables(connection, wanted);
              if (found.isEmpty()) {
                throw unknown(name, dialect.tableNames(connection));
              }
              return found.get(0);
            });
    String unusable = table.unusable();
    if (unusable != null) {
      throw new ConfigurationException(unusable);
    }
    return stores.computeIfAbsent(table.traits().sql(), absent -> new TableStore(this, table));
  }

  /** All tables, by schema and name; those that no keyspace can be laid over say why. */
  public List<Table> tables() {
    return ask((dialect, connection) -> dialect.tables(connection, null));
  }

  @Override
  public <K, V> Mapping<K, V> mapping(
      Store<Object, Row> table, Class<K> key, Class<V> value, Map<String, String> columns) {
    if (table instanceof TableStore store) {
      return Mappings.of(store.table(), key, value, columns);
    }
    throw new ConfigurationException(table + " is not a table of this database");
  }

  @Override
  public <K, V> MirrorTarget<K, V> mirror(
      String table, Class<K> key, Class<V> value, String keyColumn, Map<String, String> columns) {
    return mirror(table, MirrorShapes.of(key, value, keyColumn, columns));
  }

  /**
   * A table that a record keyspace is mirrored into, with rows of this shape; made when it is first
   * claimed, if it is not there. Does not connect.
   *
   * @throws ConfigurationException if no table can have the shape
   */
  public <K, V> MirrorTarget<K, V> mirror(String table, MirrorShape<K, V> shape) {
    MirrorTable.check(shape);
    return new JdbcMirror<>(this, connections, TableName.parse(table), shape);
  }

  /**
   * Looks whether a record keyspace can be mirrored into this table. Changes nothing.
   *
   * @return the table; null if it is not there, and can be made
   * @throws ConfigurationException if it is not fit, or cannot be made: the message says why and
   *     what to do
   * @throws StoreAwayException if the database cannot be asked
   */
  public @Nullable Table checkMirror(String table, MirrorShape<?, ?> shape) {
    MirrorTable.check(shape);
    return new JdbcMirror<>(this, connections, TableName.parse(table), shape).check();
  }

  /**
   * Looks whether write-behind and mirrors can note here how far they have got. Changes nothing.
   *
   * @throws ConfigurationException if they cannot: the message says why and what to do
   * @throws StoreAwayException if the database cannot be asked, or not be written to now
   */
  public void checkFlushTarget() {
    flushTarget.check();
  }

  @Override
  public List<Outcome<List<Written<?>>>> apply(List<Transaction> transactions) {
    if (transactions.isEmpty()) {
      return List.of();
    }
    return new Applier(this, dialect(), connections, transactions).apply();
  }

  @Override
  public FlushTarget flushTarget() {
    return flushTarget;
  }

  JdbcFlushTarget positions() {
    return flushTarget;
  }

  Map<Object, Row> load(Table table, Collection<Object> keys) {
    Dialect known = dialect();
    for (int retry = 0; ; retry++) {
      try (Connections.Loan loan = connections.borrow(retry)) {
        Map<Object, Row> rows = attempt(known, loan, table, keys, retry < Connections.RETRIES_MAX);
        if (rows != null) {
          return rows;
        }
      }
    }
  }

  /** Null if it is to be tried again, on another connection. */
  private @Nullable Map<Object, Row> attempt(
      Dialect known, Connections.Loan loan, Table table, Collection<Object> keys, boolean again) {
    try {
      Map<Object, Row> rows = known.load(loan.session, table, keys);
      connections.availability().up();
      return rows;
    } catch (SQLException e) {
      Fault.Kind kind = known.kindOf(e);
      String what = "load of " + Fault.named(table, List.copyOf(keys));
      if (kind.isLost()) {
        loan.broken();
        if (again) {
          return null;
        }
        connections.availability().down(e);
        throw Fault.passing(known, e, what);
      }
      connections.availability().up();
      throw kind == Fault.Kind.REFUSED
          ? Fault.refused(known, e, what)
          : Fault.passing(known, e, what);
    } catch (Error e) {
      loan.rollBack(known, e);
      throw e;
    }
  }

  /** How many statements have been sent so far: loads, changes, BEGIN and COMMIT where they are. */
  public long statements() {
    return connections.statements();
  }

  Dialect dialect() {
    Dialect known = dialect;
    return known != null ? known : ask((found, connection) -> found);
  }

  private interface Question<T> {
    T ask(Dialect dialect, Connection connection) throws SQLException;
  }

  /** Asks the catalog. Unlike a load or a change, it finds out first which database this is. */
  private <T> T ask(Question<T> question) {
    for (int retry = 0; ; retry++) {
      try (Connections.Loan loan = borrow(retry)) {
        Connection connection = loan.session.connection();
        try {
          Dialect known = dialect;
          if (known == null) {
            known = Dialects.of(connection);
            dialect = known;
          }
          T answer = question.ask(known, connection);
          connections.availability().up();
          return answer;
        } catch (SQLException e) {
          Dialect known = dialect;
          if (known == null || known.kindOf(e).isLost()) {
            loan.broken();
          }
          if (retry >= Connections.RETRIES_MAX) {
            connections.availability().notKnown(e);
            throw new StoreAwayException("the catalog cannot be read: " + e.getMessage(), e);
          }
        } catch (Error e) {
          loan.broken();
          throw e;
        }
      }
    }
  }

  /** As a load does, but a wrong password is not something to wait for when a cache is opened. */
  private Connections.Loan borrow(int retry) {
    try {
      return connections.borrow(retry);
    } catch (StoreAwayException e) {
      throw Dialects.isRefusedLogin(e)
          ? new ConfigurationException("the database refuses the login: " + e.getMessage(), e)
          : e;
    }
  }

  private static ConfigurationException unknown(String name, List<String> tables) {
    List<String> near = Spelling.nearest(name, tables);
    String there =
        tables.isEmpty()
            ? "there are none that this user can see"
            : "there are "
                + String.join(", ", tables.subList(0, Math.min(tables.size(), SUGGESTIONS_MAX)))
                + (tables.size() > SUGGESTIONS_MAX
                    ? " and " + (tables.size() - SUGGESTIONS_MAX) + " more"
                    : "");
    return new ConfigurationException(
        "no table "
            + name
            + "; "
            + (near.isEmpty() ? there : "did you mean " + String.join(" or ", near) + "?"));
  }
}
