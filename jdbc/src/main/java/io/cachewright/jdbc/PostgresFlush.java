// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.Kind;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A run of a flush, in statements of up to 2,000 rows that answer with no more than a count:
 *
 * <pre>
 *   insert into users as t (id, name, balance)
 *     select u.c0, u.c1, u.c2 * 0.01::numeric
 *     from (select unnest(?::int8[]) as c0, unnest(?::text[]) as c1, unnest(?::int8[]) as c2) as u
 *     on conflict (id) do update set name = excluded.name, balance = excluded.balance
 * </pre>
 *
 * What was measured, in processor time of the server for 10,000 rows of 200 bytes and six columns:
 *
 * <ul>
 *   <li>{@code on conflict} costs a third of it: the index is asked first, and the row is inserted
 *       on trial. Therefore it is left out where one look into the index shows that no row is there
 *       between the least and the greatest key of the statement: new rows mostly have the next
 *       numbers. Where a row is, more are: it looks less and less often then.
 *   <li>{@code unnest} in the select list is quicker than in {@code from}, which keeps all rows
 *       aside first; fewer rows than 1,000 in a statement, or 10,000, cost more than 2,000.
 *   <li>Anti-joins and MERGE are twice as slow.
 * </ul>
 */
final class PostgresFlush {
  private static final int ROWS_MAX = 2_000;

  /** Fewer rows are not worth a look at what is there. */
  private static final int LOOK_ROWS_MIN = 50;

  private enum Conflict {
    /** There can be none. */
    NONE,
    UPDATE,
    NOTHING
  }

  /** Sends one statement about some of the run's changes. */
  private interface Step {
    void send(List<Run.Item> items) throws SQLException;
  }

  private final Session session;
  private final Run run;
  private final Table table;
  private final boolean careful;
  private final int[] places;
  private final int keys;

  /** Whether the first column of the key is a whole number, as most are. */
  private final boolean hasNumbers;

  /** How many statements went without a look after the last one, because that found a row. */
  private int skipped;

  /** How many of them are still to come. */
  private int skips;

  PostgresFlush(Session session, Run run, boolean careful) {
    this.session = session;
    this.run = run;
    this.table = run.table();
    this.careful = careful;
    this.places = Sql.inserted(run.shape()).stream().mapToInt(Integer::intValue).toArray();
    this.keys = table.keyColumns().size();
    this.hasNumbers = table.keyColumns().get(0).type().kind() == Kind.INTEGER;
  }

  void apply() throws SQLException {
    boolean keeps = run.shape().kind() == Run.Kind.INSERT || run.shape().columns().isEmpty();
    if (run.shape().kind() == Run.Kind.REMOVE) {
      // Not in pieces: a row may go only together with one that refers to it.
      inStatements(Integer.MAX_VALUE, this::delete);
    } else if (run.shape().isUpsertable()) {
      Conflict conflict = keeps ? Conflict.NOTHING : Conflict.UPDATE;
      inStatements(
          ROWS_MAX, items -> insert(items, areSurelyNew(items) ? Conflict.NONE : conflict));
    } else if (keeps) {
      inStatements(ROWS_MAX, items -> insertEach(missing(items), Conflict.NOTHING));
    } else {
      inStatements(ROWS_MAX, this::updateOrInsert);
    }
  }

  private void inStatements(int rowsMax, Step step) throws SQLException {
    List<Run.Item> items = inOrderOfKeys();
    int size = Math.min(rowsMax, items.size());
    for (int start = 0; start < items.size(); start += size) {
      List<Run.Item> some = items.subList(start, Math.min(items.size(), start + size));
      run.current(some.size() == 1 ? some.get(0) : null);
      step.send(some);
    }
    run.current(null);
  }

  /**
   * Neighbours in the index one after the other, if it does not matter who comes first. That is
   * quicker, and two processes that change the same rows wait for each other instead of each
   * holding what the other needs.
   */
  private List<Run.Item> inOrderOfKeys() {
    if (!hasNumbers || table.traits().ordered()) {
      return run.items();
    }
    return NumberOrder.sorted(run.items(), PostgresFlush::number);
  }

  private static long number(Run.Item item) {
    return (Long) item.table.keyValue(item.key, 0);
  }

  /** The first so many of the columns, those of the key before the others. */
  private PostgresRows rows(List<Run.Item> items, int count) {
    return new PostgresRows(table, Arrays.copyOf(places, count), items);
  }

  // ---- rows that are new ----

  /**
   * Whether no row is there whose key is near. Somebody may insert one before we do; then the
   * INSERT is refused, and the flush is tried again with care.
   */
  private boolean areSurelyNew(List<Run.Item> items) throws SQLException {
    if (careful || !hasNumbers || items.size() < LOOK_ROWS_MIN) {
      return false;
    } else if (skips > 0) {
      skips--;
      return false;
    }
    boolean inOrder = !table.traits().ordered(); // see inOrderOfKeys
    LongSummaryStatistics numbers =
        (inOrder ? Stream.of(items.get(0), items.get(items.size() - 1)) : items.stream())
            .mapToLong(PostgresFlush::number)
            .summaryStatistics();
    Column first = table.keyColumns().get(0);
    String column = "t." + Sql.quoted(first.name());
    String sql =
        String.format(
            "select %s from %s as t where %s between ? and ? order by %s limit 1",
            column, table.traits().sql(), column, column);
    try (PreparedStatement statement = session.prepare(sql)) {
      statement.setLong(1, numbers.getMin());
      statement.setLong(2, numbers.getMax());
      try (ResultSet result = session.query(statement)) {
        boolean isThere = result.next();
        skipped = isThere ? skipped * 2 + 1 : 0;
        skips = skipped;
        return !isThere;
      }
    }
  }

  private void insert(List<Run.Item> items, Conflict conflict) throws SQLException {
    PostgresRows rows = rows(items, places.length);
    List<Column> columns = rows.columns();
    boolean identity = columns.stream().anyMatch(Column::identityAlways);
    StringBuilder sql = new StringBuilder("insert into ").append(table.traits().sql());
    sql.append(" as t (").append(Sql.quoted(columns)).append(')');
    sql.append(identity ? " overriding system value select " : " select ");
    sql.append(rows.values()).append(" from ").append(rows.source());
    if (conflict != Conflict.NONE) {
      sql.append(" on conflict (").append(Sql.quoted(table.keyColumns())).append(") do ");
      sql.append(conflict == Conflict.NOTHING ? "nothing" : "update set " + sets());
    }
    rows.update(session, sql.toString());
  }

  private String sets() {
    return IntStream.range(keys, places.length)
        .mapToObj(i -> set(i, "excluded." + Sql.quoted(name(i))))
        .collect(Collectors.joining(", "));
  }

  private String set(int column, String value) {
    String sum = Sql.sumOrValue(run.shape(), places[column], value);
    return Sql.quoted(name(column)) + " = " + sum;
  }

  private String name(int column) {
    return table.columns().get(places[column]).name();
  }

  // ---- rows that are added to, or lack a column that a new row must have ----

  private void updateOrInsert(List<Run.Item> items) throws SQLException {
    boolean insertable = run.shape().isInsertable();
    if (insertable && areSurelyNew(items)) {
      insert(items, Conflict.NONE);
    } else if (update(items) < items.size()) {
      List<Run.Item> missing = missing(items);
      if (insertable && !missing.isEmpty()) {
        insert(missing, Conflict.UPDATE);
      } else {
        insertEach(missing, Conflict.UPDATE);
      }
    }
  }

  /** Answers how many there were. */
  private int update(List<Run.Item> items) throws SQLException {
    PostgresRows rows = rows(items, places.length);
    List<String> sets = new ArrayList<>();
    for (int i = keys; i < places.length; i++) {
      sets.add(set(i, rows.value(i)));
    }
    String sql =
        String.format(
            "update %s as t set %s from %s where %s",
            table.traits().sql(), String.join(", ", sets), rows.source(), rows.keyIs());
    return rows.update(session, sql);
  }

  /** Those that no row is there for. */
  private List<Run.Item> missing(List<Run.Item> items) throws SQLException {
    PostgresRows rows = rows(items, keys);
    String sql =
        String.format(
            "select u.place from %s where not exists (select from %s as t where %s)"
                + " order by u.place",
            rows.numberedSource(), table.traits().sql(), rows.keyIs());
    List<Run.Item> missing = new ArrayList<>();
    for (int place : rows.places(session, sql)) {
      missing.add(items.get(place));
    }
    return missing;
  }

  /**
   * Most likely each is refused, unless a trigger completes it. One by one, so that it is known
   * which.
   */
  private void insertEach(List<Run.Item> items, Conflict conflict) throws SQLException {
    for (Run.Item item : items) {
      run.current(item);
      insert(List.of(item), conflict);
    }
  }

  private void delete(List<Run.Item> items) throws SQLException {
    PostgresRows rows = rows(items, keys);
    rows.update(
        session,
        String.format(
            "delete from %s as t using %s where %s",
            table.traits().sql(), rows.source(), rows.keyIs()));
  }
}
