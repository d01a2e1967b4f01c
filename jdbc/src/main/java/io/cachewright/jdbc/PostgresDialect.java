// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL. A run of several changes is one statement over arrays ({@code unnest}), so that its
 * text does not depend on how many there are and the server prepares it once.
 */
final class PostgresDialect implements Dialect {
  private static final int ROWS_MAX = 5_000;
  private static final int STATEMENTS_MAX = 1_000;

  private static final String END_BLOCK =
      String.format(
          "set constraints all immediate; set constraints all deferred;"
              + " release savepoint %1$s; savepoint %1$s",
          BLOCK);

  private final PostgresErrors errors = new PostgresErrors();

  /** Built statements by shape. Forgotten at the bound: there are 2^columns shapes. */
  private final Map<Run.Shape, PostgresStatements> statements = new ConcurrentHashMap<>();

  private final Map<Table, PostgresLoads> loads = new ConcurrentHashMap<>();

  @Override
  public String name() {
    return "PostgreSQL";
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public List<Table> tables(Connection connection, @Nullable TableName name) throws SQLException {
    return new PostgresCatalog(connection).tables(name);
  }

  @Override
  public List<String> tableNames(Connection connection) throws SQLException {
    return new PostgresCatalog(connection).tableNames();
  }

  @Override
  public Map<Object, Row> load(Session session, Table table, Collection<Object> keys)
      throws SQLException {
    PostgresLoads load = loads.computeIfAbsent(table, PostgresLoads::new);
    Map<Object, Row> rows = new HashMap<>(keys.size() * 2);
    List<Object> all = List.copyOf(keys);
    for (int start = 0; start < all.size(); start += ROWS_MAX) {
      load.run(session, all.subList(start, Math.min(all.size(), start + ROWS_MAX)), rows);
    }
    return rows;
  }

  @Override
  public void apply(Session session, Run run) throws SQLException {
    PostgresStatements built = built(run.shape());
    switch (run.shape().kind()) {
      case PUT -> put(session, run, built);
      case INSERT -> insert(session, run, built);
      case REMOVE -> remove(session, run, built);
    }
  }

  @Override
  public void flush(Session session, Run run, boolean careful) throws SQLException {
    new PostgresFlush(session, run, careful).apply();
  }

  @Override
  public boolean mayPassWithCare(SQLException error) {
    return errors.isOfOrder(error);
  }

  @Override
  public void deferConstraints(Session session) throws SQLException {
    session.execute("set constraints all deferred");
  }

  @Override
  public long violated(Session session) {
    return 0;
  }

  /** In one message, since there are some for each change that is refused. */
  @Override
  public long endBlock(Session session, long before) throws SQLException {
    session.execute(END_BLOCK);
    return 0;
  }

  @Override
  public PositionTable positionTable(Session session) throws SQLException {
    return PostgresPosition.table(session);
  }

  private PostgresStatements built(Run.Shape shape) {
    if (statements.size() >= STATEMENTS_MAX) {
      statements.clear();
    }
    return statements.computeIfAbsent(shape, PostgresStatements::new);
  }

  private void put(Session session, Run run, PostgresStatements built) throws SQLException {
    List<Run.Item> open = run.items();
    if (!run.shape().isUpsertable()) {
      // Postgres checks NOT NULL before it looks for a conflict, so that an INSERT that lacks a
      // column would be refused even where there is a row to update.
      if (!run.shape().columns().isEmpty()) {
        change(session, open, built, PostgresStatements.Verb.UPDATE);
      } else {
        reload(session, run.table(), open, true);
      }
      open = unwritten(open);
    }
    if (!open.isEmpty()) {
      change(session, open, built, PostgresStatements.Verb.UPSERT);
    }
    settle(session, run);
  }

  private void insert(Session session, Run run, PostgresStatements built) throws SQLException {
    List<Run.Item> open = run.items();
    if (!run.shape().isInsertable()) {
      reload(session, run.table(), open, true);
      open = unwritten(open);
    }
    if (!open.isEmpty()) {
      change(session, open, built, PostgresStatements.Verb.INSERT);
    }
    settle(session, run);
  }

  private void remove(Session session, Run run, PostgresStatements built) throws SQLException {
    change(session, run.items(), built, PostgresStatements.Verb.DELETE);
    for (Run.Item item : unwritten(run.items())) {
      item.written(null, false);
    }
  }

  /** Sends one statement, and tells those changes that it answers for. */
  private static void change(
      Session session, List<Run.Item> items, PostgresStatements built, PostgresStatements.Verb verb)
      throws SQLException {
    Map<Object, Run.Item> byKey = byKey(items);
    try (PreparedStatement statement = session.prepare(built.sql(verb, items.size()))) {
      built.bind(statement, verb, items);
      try (ResultSet result = session.query(statement)) {
        built.read(result, verb, byKey);
      }
    }
  }

  /**
   * What RETURNING could not tell: rows that a trigger may have changed after it, and rows it did
   * not return (already there; or a BEFORE trigger has skipped or re-keyed them).
   */
  private void settle(Session session, Run run) throws SQLException {
    List<Run.Item> open =
        run.table().traits().afterTriggers() ? run.items() : unwritten(run.items());
    if (open.isEmpty()) {
      return;
    }
    // Asked first: a connection that the reload has found dead does not tell.
    boolean committed = session.connection().getAutoCommit();
    try {
      reload(session, run.table(), open, false);
    } catch (SQLException | RuntimeException e) {
      if (!committed) {
        throw e;
      }
      // That it cannot be read back must not look as if it had failed. What RETURNING said is older
      // than what triggers made of it, so nothing is told, and the next read asks.
      open.forEach(item -> item.written(null, item.written().existed()));
    }
  }

  /** Reads rows as they are now. Those that are not there stay untold, or are told to be absent. */
  private void reload(Session session, Table table, List<Run.Item> items, boolean foundOnly)
      throws SQLException {
    Map<Object, Row> rows = load(session, table, items.stream().map(item -> item.key).toList());
    for (Run.Item item : items) {
      Row row = rows.get(item.key);
      if (row != null || !foundOnly) {
        item.written(row, item.isWritten() ? item.written().existed() : row != null);
      }
    }
  }

  private static List<Run.Item> unwritten(List<Run.Item> items) {
    List<Run.Item> open = new ArrayList<>();
    for (Run.Item item : items) {
      if (!item.isWritten()) {
        open.add(item);
      }
    }
    return open;
  }

  private static Map<Object, Run.Item> byKey(List<Run.Item> items) {
    if (items.size() == 1) {
      return Map.of(items.get(0).key, items.get(0));
    }
    Map<Object, Run.Item> byKey = new HashMap<>(items.size() * 2);
    items.forEach(item -> byKey.put(item.key, item));
    return byKey;
  }

  @Override
  public boolean isOneStatement(Run run) {
    // A put that cannot be an upsert is an UPDATE, and an INSERT where that found none. Of one row
    // only one of the two changes anything.
    boolean insert = run.shape().kind() == Run.Kind.INSERT && run.shape().isInsertable();
    return run.items().size() == 1
        || run.shape().kind() == Run.Kind.REMOVE
        || run.shape().isUpsertable()
        || insert;
  }

  @Override
  public int rowsMax() {
    return ROWS_MAX;
  }

  @Override
  public void begin(Session session) throws SQLException {
    session
        .connection()
        .setAutoCommit(false); // the driver sends BEGIN along with the first statement
  }

  @Override
  public void commit(Session session) throws SQLException {
    // As a statement, since that can be cancelled: constraints and triggers that were put off run
    // in it. Cancelled there it is undone; once it is committed it is no more an error.
    session.executeInTime("COMMIT");
    session.connection().setAutoCommit(true);
  }

  @Override
  public void rollback(Session session) throws SQLException {
    session.connection().rollback();
    session.connection().setAutoCommit(true);
  }

  @Override
  public String typeOf(Kind kind) {
    return PostgresTypes.named(kind);
  }

  @Override
  public String literal(Object value, ColumnType type) {
    return "cast(" + Sql.text(type.print(value)) + " as " + type.sqlName() + ")";
  }

  @Override
  public String indexOn(TableName table, String column) {
    TableName.Part schema = table.schema();
    String name = Sql.quoted(table.table().made());
    return Sql.quoted(table.table().made() + "_" + column)
        + " on "
        + (schema == null ? name : Sql.quoted(schema.made()) + "." + name);
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
