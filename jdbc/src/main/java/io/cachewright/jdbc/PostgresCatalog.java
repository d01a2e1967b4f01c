// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.ColumnType;
import io.cachewright.jdbc.type.Kind;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads tables from {@code pg_catalog}: a few queries, however many tables there are. */
final class PostgresCatalog {
  /** Kinds of which two values are the same to Postgres exactly if they are the same to Java. */
  private static final Set<Kind> KEY_KINDS =
      EnumSet.of(
          Kind.INTEGER,
          Kind.DECIMAL,
          Kind.BOOLEAN,
          Kind.TEXT,
          Kind.ENUM,
          Kind.DATE,
          Kind.TIME,
          Kind.TIMESTAMP,
          Kind.TIMESTAMPTZ,
          Kind.UUID);

  /** What we have made for ourselves is nobody's keyspace. */
  private static final String NOT_OURS = " and c.relname not like 'cachewright\\_%'";

  /**
   * What a primary key only INCLUDEs comes after its own columns. Before PostgreSQL 12 all
   * collations are deterministic, and no column says so.
   */
  private static final String TABLES =
      """
      select c.oid, n.nspname, c.relname, c.relkind = 'r', pg_table_is_visible(c.oid),
        has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT'),
        (select (i.indkey::int2[])[0:i.indnkeyatts - 1] from pg_index i
          where i.indrelid = c.oid and i.indisprimary),
        exists (select from pg_index i where i.indrelid = c.oid and not i.indisprimary
          and (i.indisunique or i.indisexclusion)),
        exists (select from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal
          and g.tgenabled <> 'D' and g.tgtype & 66 = 0),
        current_user,
        (select min(l.collname) from pg_index i
          join pg_attribute a on a.attrelid = c.oid
            and a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1])
          join pg_collation l on l.oid = a.attcollation
          where i.indrelid = c.oid and i.indisprimary
            and to_jsonb(l) ->> 'collisdeterministic' = 'false')
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
        and n.nspname not like 'pg\\_toast%' and n.nspname not like 'pg\\_temp%'
      """;

  private static final String COLUMNS =
      """
      select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
        a.atthasdef or a.attidentity <> '', a.attgenerated <> '', a.attidentity = 'a',
        format_type(a.atttypid, a.atttypmod)
      from pg_attribute a
      where a.attrelid = any(?) and a.attnum > 0 and not a.attisdropped
      order by a.attrelid, a.attnum
      """;

  private static final String FOREIGN_KEYS =
      """
      select k.conrelid, n.nspname, c.relname,
        array(select a.attname::text from unnest(k.conkey) with ordinality as o(num, pos)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = o.num order by o.pos),
        array(select a.attname::text from unnest(k.confkey) with ordinality as o(num, pos)
          join pg_attribute a on a.attrelid = k.confrelid and a.attnum = o.num order by o.pos)
      from pg_constraint k join pg_class c on c.oid = k.confrelid
        join pg_namespace n on n.oid = c.relnamespace
      where k.contype = 'f' and k.conrelid = any(?) order by k.conname
      """;

  private final Connection connection;

  PostgresCatalog(Connection connection) {
    this.connection = connection;
  }

  /**
   * A row of {@link #TABLES}.
   *
   * @param folding a collation of the key to which different texts are the same
   */
  private record Found(
      long oid,
      String schema,
      String name,
      boolean plain,
      boolean visible,
      boolean readable,
      List<Integer> key,
      boolean uniques,
      boolean triggers,
      String user,
      @Nullable String folding) {

    String shown() {
      return Sql.shown(schema, name);
    }
  }

  List<String> tableNames() throws SQLException {
    return found(TABLES + NOT_OURS + " and not c.relispartition order by 2, 3", null).stream()
        .map(table -> table.visible() ? Sql.plain(table.name()) : table.shown())
        .toList();
  }

  /** All tables; or, given a name, those it may mean, the best first. */
  List<Table> tables(@Nullable TableName wanted) throws SQLException {
    List<Found> found;
    if (wanted == null) {
      found = found(TABLES + NOT_OURS + " and not c.relispartition order by 2, 3", null);
    } else {
      found = new ArrayList<>(found(TABLES + " and lower(c.relname) = lower(?)", wanted));
      found.removeIf(table -> !matches(wanted, table));
      found.sort(Comparator.comparingInt(table -> wanted.table().is(table.name()) ? 0 : 1));
    }
    return described(found);
  }

  private static boolean matches(TableName wanted, Found table) {
    TableName.Part schema = wanted.schema();
    boolean inSchema =
        schema == null
            ? table.visible()
            : schema.is(table.schema()) || schema.folded(table.schema());
    return inSchema && (wanted.table().is(table.name()) || wanted.table().folded(table.name()));
  }

  private List<Found> found(String sql, @Nullable TableName wanted) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (wanted != null) {
        statement.setString(1, wanted.table().text());
      }
      List<Found> found = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          Array key = result.getArray(7);
          List<Integer> numbers = new ArrayList<>();
          if (key != null) {
            for (Object number : (Object[]) key.getArray()) {
              numbers.add(((Number) number).intValue());
            }
          }
          found.add(
              new Found(
                  result.getLong(1),
                  result.getString(2),
                  result.getString(3),
                  result.getBoolean(4),
                  result.getBoolean(5),
                  result.getBoolean(6),
                  numbers,
                  result.getBoolean(8),
                  result.getBoolean(9),
                  result.getString(10),
                  result.getString(11)));
        }
      }
      return found;
    }
  }

  private List<Table> described(List<Found> found) throws SQLException {
    Long[] oids = found.stream().map(Found::oid).toArray(Long[]::new);
    Map<Long, List<ForeignKey>> foreignKeys = foreignKeys(oids);
    Map<Long, Map<Integer, Column>> columns = columns(oids, found);
    List<Table> tables = new ArrayList<>();
    for (Found each : found) {
      Map<Integer, Column> own = columns.getOrDefault(each.oid(), Map.of());
      List<Column> key = each.key().stream().map(own::get).toList();
      List<ForeignKey> references = foreignKeys.getOrDefault(each.oid(), List.of());
      boolean toItself =
          references.stream()
              .anyMatch(
                  reference ->
                      reference.parent().equals(each.name())
                          && reference.parentSchema().equals(each.schema()));
      Table.Traits traits =
          new Table.Traits(
              each.shown(),
              Sql.quoted(each.schema()) + "." + Sql.quoted(each.name()),
              unusable(each, key),
              each.triggers(),
              each.uniques() || toItself,
              each.plain(),
              references);
      tables.add(
          new Table(
              each.schema(),
              each.name(),
              List.copyOf(own.values()),
              key.stream().map(Column::name).toList(),
              traits));
    }
    return tables;
  }

  private static @Nullable String unusable(Found table, List<Column> key) {
    if (!table.readable()) {
      String schema = Sql.plain(table.schema());
      return String.format(
          "%s may not be read by %s: grant usage on schema %s to %s; grant select on %s to %s;"
              + " and insert, update, delete if it is to be written",
          table.shown(), table.user(), schema, table.user(), table.shown(), table.user());
    } else if (key.isEmpty()) {
      return table.shown()
          + " has no primary key, by which its rows could be told apart; add one:"
          + " alter table "
          + table.shown()
          + " add primary key (…)";
    }
    for (Column column : key) {
      if (!KEY_KINDS.contains(column.type().kind())) {
        return column
            + " is part of the primary key and a "
            + column.type().sqlName()
            + ", which cannot be a cache's key: two values that are the same to the database could"
            + " differ here. Use an integer, uuid or text key";
      }
    }
    return table.folding() == null
        ? null
        : table.shown()
            + " has a primary key of the nondeterministic collation "
            + Sql.plain(table.folding())
            + ", to which different texts are one key; in a cache they would be two. Use a"
            + " deterministic one";
  }

  private Map<Long, Map<Integer, Column>> columns(Long[] oids, List<Found> found)
      throws SQLException {
    Map<Long, String> names = new HashMap<>();
    found.forEach(table -> names.put(table.oid(), table.shown()));
    PostgresTypes types = PostgresTypes.ofColumns(connection, oids);
    Map<Long, Map<Integer, Column>> columns = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setArray(1, connection.createArrayOf("oid", oids));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          long table = result.getLong(1);
          long oid = result.getLong(4);
          ColumnType type = types.type(oid, result.getInt(5), result.getString(10));
          Column column =
              new Column(
                  names.getOrDefault(table, ""),
                  result.getString(3),
                  type,
                  !result.getBoolean(6) && !types.isNotNull(oid),
                  result.getBoolean(7) || types.hasDefault(oid),
                  result.getBoolean(8),
                  result.getBoolean(9));
          columns
              .computeIfAbsent(table, absent -> new java.util.LinkedHashMap<>())
              .put(result.getInt(2), column);
        }
      }
    }
    return columns;
  }

  private Map<Long, List<ForeignKey>> foreignKeys(Long[] oids) throws SQLException {
    Map<Long, List<ForeignKey>> keys = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FOREIGN_KEYS)) {
      statement.setArray(1, connection.createArrayOf("oid", oids));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          keys.computeIfAbsent(result.getLong(1), absent -> new ArrayList<>())
              .add(
                  new ForeignKey(
                      List.of((String[]) result.getArray(4).getArray()),
                      result.getString(2),
                      result.getString(3),
                      List.of((String[]) result.getArray(5).getArray())));
        }
      }
    }
    return keys;
  }
}
