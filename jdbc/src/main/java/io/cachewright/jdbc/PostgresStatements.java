// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The statements that make changes of one shape. For three rows of {@code users(id, name)}:
 *
 * <pre>
 *   insert into users as t (id, name)
 *     select unnest(?::int8[]), unnest(?::text[])
 *     on conflict (id) do update set name = excluded.name
 *     returning t.id, t.name, …, t.xmax &lt;&gt; 0
 * </pre>
 *
 * and for one row the same with {@code values (?, ?)}, which the server plans more quickly. ({@code
 * unnest} in {@code from} keeps all rows first, and takes a tenth longer, of 200 rows a sixth.) The
 * last column tells an update from an insert: a row that this statement has inserted has no xmax.
 */
final class PostgresStatements {

  enum Verb {
    UPSERT,
    INSERT,
    UPDATE,
    DELETE
  }

  private final Table table;
  private final Run.Shape shape;
  private final List<Column> columns;
  private final int[] places;

  /** Texts by verb, of one row and of several. Built when first needed. */
  private final Map<Verb, String> one = new ConcurrentHashMap<>();

  private final Map<Verb, String> many = new ConcurrentHashMap<>();

  PostgresStatements(Run.Shape shape) {
    this.table = shape.table();
    this.shape = shape;
    this.places = Sql.inserted(shape).stream().mapToInt(Integer::intValue).toArray();
    this.columns = IntStream.of(places).mapToObj(table.columns()::get).toList();
  }

  String sql(Verb verb, int rows) {
    return rows == 1
        ? one.computeIfAbsent(verb, each -> build(each, /* single= */ true))
        : many.computeIfAbsent(verb, each -> build(each, /* single= */ false));
  }

  private String build(Verb verb, boolean single) {
    return switch (verb) {
      case UPSERT, INSERT -> insert(verb, single);
      case UPDATE -> update(single);
      case DELETE -> delete(single);
    };
  }

  private String insert(Verb verb, boolean single) {
    boolean identity = columns.stream().anyMatch(Column::identityAlways);
    StringBuilder sql = new StringBuilder("insert into ").append(table.traits().sql());
    sql.append(" as t (").append(Sql.quoted(columns)).append(')');
    sql.append(identity ? " overriding system value " : " ");
    sql.append(single ? "values (" + values() + ")" : "select " + arrays());
    sql.append(" on conflict (").append(Sql.quoted(table.keyColumns())).append(") do ");
    if (verb == Verb.INSERT || shape.columns().isEmpty()) {
      return sql.append("nothing returning ")
          .append(PostgresWire.asked(table.columns()))
          .append(", false")
          .toString();
    }
    sql.append("update set ");
    sql.append(
        IntStream.range(table.keyColumns().size(), columns.size())
            .mapToObj(i -> set(i, "excluded." + Sql.quoted(columns.get(i).name())))
            .collect(Collectors.joining(", ")));
    sql.append(" returning ").append(PostgresWire.asked(table.columns()));
    return sql.append(", ").append(existed()).toString();
  }

  /**
   * Whether an upsert has met a row. A table of partitions does not tell its xmax here, and is
   * looked at as it was when the statement began: of a row that another inserted meanwhile it says
   * that there was none.
   */
  private String existed() {
    if (table.traits().systemColumns()) {
      return "t.xmax <> 0";
    }
    String keyIs =
        table.keyColumns().stream()
            .map(column -> Sql.quoted(column.name()))
            .map(name -> "o." + name + " = t." + name)
            .collect(Collectors.joining(" and "));
    return "exists (select from " + table.traits().sql() + " as o where " + keyIs + ")";
  }

  private String update(boolean single) {
    List<String> sets = new ArrayList<>();
    int keys = table.keyColumns().size();
    for (int i = keys; i < columns.size(); i++) {
      String value = single ? "?" : "u.c" + i;
      sets.add(set(i, value + cast(columns.get(i))));
    }
    return "update "
        + table.traits().sql()
        + " as t set "
        + String.join(", ", sets)
        + (single ? "" : " from " + source(columns))
        + " where "
        + keyIs(table, single ? "?" : "u")
        + " returning "
        + PostgresWire.asked(table.columns())
        + ", true";
  }

  private String delete(boolean single) {
    return "delete from "
        + table.traits().sql()
        + " as t "
        + (single ? "" : "using " + source(table.keyColumns()) + " ")
        + "where "
        + keyIs(table, single ? "?" : "u")
        + " returning "
        + PostgresWire.asked(table.keyColumns());
  }

  /** {@code name = ?} or {@code visits = coalesce(t.visits, 0) + ?}. */
  private String set(int column, String value) {
    String name = Sql.quoted(columns.get(column).name());
    return name + " = " + Sql.sumOrValue(shape, places[column], value);
  }

  /** Binds the columns' values: of one row one by one, of several one array for each column. */
  void bind(PreparedStatement statement, Verb verb, List<Run.Item> items) throws SQLException {
    int keys = table.keyColumns().size();
    int count = verb == Verb.DELETE ? keys : columns.size();
    boolean single = items.size() == 1;
    for (int i = 0; i < count; i++) {
      Column column = columns.get(i);
      PostgresWire wire = PostgresWire.of(column.type());
      if (single) {
        // In UPDATE the key comes last, where its condition is.
        int index = verb == Verb.UPDATE ? (i + count - keys) % count : i;
        wire.bind(statement, index + 1, items.get(0).value(places[i]), column.type());
      } else {
        List<@Nullable Object> values = new ArrayList<>(items.size());
        for (Run.Item item : items) {
          values.add(item.value(places[i]));
        }
        statement.setArray(i + 1, wire.array(statement.getConnection(), values, column.type()));
      }
    }
  }

  /**
   * Tells each change what RETURNING says of it; by key, since rows come in any order.
   *
   * @throws UnreadableException if a row cannot be read; all are here, so that it is not the
   *     connection's fault
   */
  void read(ResultSet result, Verb verb, Map<Object, Run.Item> byKey) throws SQLException {
    while (result.next()) {
      try {
        readRow(result, verb, byKey);
      } catch (SQLException | RuntimeException e) {
        throw new UnreadableException(e);
      }
    }
  }

  private void readRow(ResultSet result, Verb verb, Map<Object, Run.Item> byKey)
      throws SQLException {
    if (verb == Verb.DELETE) {
      @Nullable Object[] keyOnly = new Object[table.columns().size()];
      int[] keyIndexes = table.keyIndexes();
      for (int i = 0; i < keyIndexes.length; i++) {
        keyOnly[keyIndexes[i]] = PostgresWire.read(result, i + 1, table.keyColumns().get(i).type());
      }
      tell(byKey.get(table.keyOf(keyOnly)), null, true);
    } else {
      @Nullable Object[] values = PostgresLoads.row(table, result);
      boolean existed = result.getBoolean(values.length + 1);
      tell(byKey.get(table.keyOf(values)), Row.ofAll(table.rowColumns(), values), existed);
    }
  }

  private static void tell(Run.@Nullable Item item, @Nullable Row row, boolean existed) {
    if (item != null) { // null: a trigger has changed the key
      item.written(row, existed);
    }
  }

  // ---- pieces ----

  /** {@code ?, ?::uuid}. */
  private String values() {
    return columns.stream().map(each -> "?" + cast(each)).collect(Collectors.joining(", "));
  }

  /** {@code unnest(?::int8[]), unnest(?::text[])::uuid}: row by row, since all are as long. */
  private String arrays() {
    return columns.stream()
        .map(each -> unnest(List.of(each)) + cast(each))
        .collect(Collectors.joining(", "));
  }

  /** {@code unnest(?::int8[], ?::text[]) as u(c0, c1)}. */
  private static String source(List<Column> columns) {
    return unnest(columns)
        + IntStream.range(0, columns.size())
            .mapToObj(i -> "c" + i)
            .collect(Collectors.joining(", ", " as u(", ")"));
  }

  static String unnest(List<Column> columns) {
    return columns.stream()
        .map(column -> "?::" + PostgresWire.of(column.type()).typeName() + "[]")
        .collect(Collectors.joining(", ", "unnest(", ")"));
  }

  /** {@code t."id" = ?} or {@code t."id" = u.c0}, of all columns of the key. */
  static String keyIs(Table table, String from) {
    List<Column> keys = table.keyColumns();
    return IntStream.range(0, keys.size())
        .mapToObj(
            i ->
                "t."
                    + Sql.quoted(keys.get(i).name())
                    + " = "
                    + (from.equals("?") ? "?" : from + ".c" + i)
                    + cast(keys.get(i)))
        .collect(Collectors.joining(" and "));
  }

  private static String cast(Column column) {
    return PostgresWire.cast(column.type());
  }
}
