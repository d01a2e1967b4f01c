// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * SQLite. It runs inside our process, so that statements cost no round trip: a run is one prepared
 * statement, executed once per change, in one {@code BEGIN IMMEDIATE} transaction.
 *
 * <p>IMMEDIATE, because a transaction that reads first and then wants to write is refused if
 * another has written in between, and waiting does not help it.
 */
final class SqliteDialect implements Dialect {
  private static final int KEYS_MAX = 512;
  private static final int ROWS_MAX = 5_000;
  private static final int STATEMENTS_MAX = 1_000;

  private final SqliteErrors errors = new SqliteErrors();
  private final Map<Run.Shape, SqliteStatements> statements = new ConcurrentHashMap<>();

  @Override
  public String name() {
    return "SQLite";
  }

  @Override
  public boolean isRemote() {
    return false;
  }

  @Override
  public List<Table> tables(Connection connection, @Nullable TableName name) throws SQLException {
    return new SqliteCatalog(connection).tables(name);
  }

  @Override
  public List<String> tableNames(Connection connection) throws SQLException {
    return new SqliteCatalog(connection).tableNames();
  }

  @Override
  public Map<Object, Row> load(Session session, Table table, Collection<Object> keys)
      throws SQLException {
    Map<Object, Row> rows = new HashMap<>(keys.size() * 2);
    List<Object> all = List.copyOf(keys);
    for (int start = 0; start < all.size(); start += KEYS_MAX) {
      load(session, table, all.subList(start, Math.min(all.size(), start + KEYS_MAX)), rows);
    }
    return rows;
  }

  private static void load(Session session, Table table, List<Object> keys, Map<Object, Row> rows)
      throws SQLException {
    // Powers of two, the last key repeated: ten statements instead of 512.
    int size = keys.size() == 1 ? 1 : Integer.highestOneBit(keys.size() - 1) * 2;
    List<Column> columns = table.keyColumns();
    try (PreparedStatement statement = session.prepare(select(table, size))) {
      int index = 1;
      for (int i = 0; i < size; i++) {
        Object key = keys.get(Math.min(i, keys.size() - 1));
        for (int part = 0; part < columns.size(); part++) {
          Object value = table.keyValue(key, part);
          SqliteValues.bind(statement, index++, value, columns.get(part).type());
        }
      }
      try (ResultSet result = session.query(statement)) {
        while (result.next()) {
          @Nullable Object[] row = SqliteValues.row(table, result);
          rows.put(table.keyOf(row), Row.ofAll(table.rowColumns(), row));
        }
      }
    }
  }

  private static String select(Table table, int size) {
    List<Column> keys = table.keyColumns();
    String row =
        table.columns().stream()
            .map(column -> "t." + Sql.quoted(column.name()))
            .collect(Collectors.joining(", "));
    String select = "select " + row + " from " + table.traits().sql() + " as t where ";
    if (keys.size() == 1) {
      String marks = String.join(",", Collections.nCopies(size, "?"));
      return select + "t." + Sql.quoted(keys.get(0).name()) + " in (" + marks + ")";
    }
    String names =
        keys.stream().map(key -> "t." + Sql.quoted(key.name())).collect(Collectors.joining(", "));
    String marks = "(" + String.join(",", Collections.nCopies(keys.size(), "?")) + ")";
    String rows = String.join(",", Collections.nCopies(size, marks));
    return select + "(" + names + ") in (values " + rows + ")";
  }

  @Override
  public void apply(Session session, Run run) throws SQLException {
    if (statements.size() >= STATEMENTS_MAX) {
      statements.clear();
    }
    SqliteStatements built =
        statements.computeIfAbsent(
            run.shape(), shape -> new SqliteStatements(shape, /* returning= */ true));
    try (SqliteStatements.Prepared prepared = built.prepare(session)) {
      for (Run.Item item : run.items()) {
        run.current(item);
        prepared.apply(item);
      }
    }
    run.current(null);
    reload(session, run);
  }

  /** Rows that were already there, or that a trigger may have changed after RETURNING. */
  private void reload(Session session, Run run) throws SQLException {
    if (run.shape().kind() == Run.Kind.REMOVE) {
      return;
    }
    for (Run.Item item : run.items()) {
      if (item.written().value() == null || run.table().traits().afterTriggers()) {
        Row row = load(session, run.table(), List.of(item.key)).get(item.key);
        item.written(row, item.written().existed());
      }
    }
  }

  @Override
  public void flush(Session session, Run run, boolean careful) throws SQLException {
    SqliteStatements built = new SqliteStatements(run.shape(), /* returning= */ false);
    try (SqliteStatements.Prepared prepared = built.prepare(session)) {
      for (Run.Item item : run.items()) {
        run.current(item);
        prepared.flush(item);
      }
    }
    run.current(null);
  }

  @Override
  public boolean mayPassWithCare(SQLException error) {
    return errors.isOfOrder(error);
  }

  /** Of foreign keys SQLite can put off every one, declared so or not. */
  @Override
  public void deferConstraints(Session session) throws SQLException {
    session.execute("pragma defer_foreign_keys = on");
  }

  /**
   * SQLite counts them for itself and tells nobody. The pragma looks at every row that refers to
   * another: only where a check may have been put off, by us or in the table's text.
   */
  @Override
  public long violated(Session session) throws SQLException {
    String late =
        "select 1 from pragma_defer_foreign_keys where defer_foreign_keys = 1 union all"
            + " select 1 from main.sqlite_master where type = 'table' and sql like '%deferred%'";
    return count(session, "select exists (" + late + ")") == 0
        ? 0
        : count(session, "select count(*) from pragma_foreign_key_check");
  }

  private static long count(Session session, String sql) throws SQLException {
    try (PreparedStatement statement = session.prepare(sql);
        ResultSet result = session.query(statement)) {
      return result.next() ? result.getLong(1) : 0;
    }
  }

  @Override
  public long endBlock(Session session, long before) throws SQLException {
    long now = violated(session);
    if (now > before) {
      throw new SQLException(
          "a row refers to one that is not there (FOREIGN KEY constraint, checked at COMMIT)",
          null,
          SqliteErrors.FOREIGN_KEY);
    }
    session.execute("release savepoint " + BLOCK);
    session.execute("savepoint " + BLOCK);
    return now;
  }

  @Override
  public PositionTable positionTable(Session session) throws SQLException {
    String name = "main.cachewright_position";
    String sql =
        "select 1 from main.sqlite_master where type = 'table' and name = 'cachewright_position'";
    try (PreparedStatement statement = session.prepare(sql);
        ResultSet result = session.query(statement)) {
      return new PositionTable(
          name, result.next(), PositionTable.create(name, "text"), /* grant= */ "", "1");
    }
  }

  /** Even of one row: an UPDATE that found none is followed by an INSERT. Only one changes it. */
  @Override
  public boolean isOneStatement(Run run) {
    return run.items().size() == 1 && !run.table().traits().afterTriggers();
  }

  @Override
  public int rowsMax() {
    return ROWS_MAX;
  }

  @Override
  public void begin(Session session) throws SQLException {
    session.execute("begin immediate");
  }

  @Override
  public void commit(Session session) throws SQLException {
    session.execute("commit");
  }

  /** A full disk, a RAISE(ROLLBACK) and the like have rolled back already, so that this fails. */
  @Override
  public void rollback(Session session) throws SQLException {
    try {
      session.execute("rollback");
    } catch (SQLException e) {
      session.execute("begin"); // refused where a transaction is still open
      session.execute("rollback");
    }
  }

  @Override
  public String typeOf(Kind kind) {
    return SqliteTypes.named(kind);
  }

  @Override
  public String literal(Object value, ColumnType type) {
    return Sql.text(SqliteValues.text(value, type));
  }

  @Override
  public String indexOn(TableName table, String column) {
    TableName.Part schema = table.schema();
    String name = Sql.quoted(table.table().made() + "_" + column);
    return (schema == null ? "" : Sql.quoted(schema.made()) + ".")
        + name
        + " on "
        + Sql.quoted(table.table().made());
  }

  @Override
  public Fault.Kind kindOf(SQLException error) {
    return errors.kindOf(error);
  }

  @Override
  public String codeOf(SQLException error) {
    return errors.codeOf(error);
  }
}
