// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statements that make a change of one shape.
 *
 * <p>A put is an UPDATE, and an INSERT where that found no row. That is as quick as one upsert,
 * tells whether there was a row, and takes a put that does not name enough columns for an INSERT.
 */
final class SqliteStatements {
  private final Table table;
  private final Run.Shape shape;
  private final List<Column> keys;
  private final List<Integer> named;
  private final List<Integer> inserted;
  private final String update;
  private final String insert;
  private final String delete;

  /**
   * @param returning whether the statements answer with the row as it is then
   */
  SqliteStatements(Run.Shape shape, boolean returning) {
    this.table = shape.table();
    this.shape = shape;
    this.keys = table.keyColumns();
    this.named = shape.columns().stream().boxed().toList();
    this.inserted = Sql.inserted(shape);
    String name = table.traits().sql();
    String answer = returning ? " returning " + Sql.quoted(table.columns()) : "";
    String keyIs =
        keys.stream()
            .map(key -> Sql.quoted(key.name()) + " = ?")
            .collect(Collectors.joining(" and "));
    this.update = "update " + name + " set " + sets(column -> "?") + " where " + keyIs + answer;
    String columns = Sql.quoted(inserted.stream().map(table.columns()::get).toList());
    String marks =
        Stream.generate(() -> "?").limit(inserted.size()).collect(Collectors.joining(", "));
    boolean keepsExisting = shape.kind() == Run.Kind.INSERT || named.isEmpty();
    // Between UPDATE and INSERT another process may have inserted the row.
    String conflict =
        keepsExisting
            ? "nothing"
            : "update set " + sets(column -> "excluded." + Sql.quoted(column.name()));
    this.insert =
        "insert into "
            + name
            + " ("
            + columns
            + ") values ("
            + marks
            + ") on conflict ("
            + Sql.quoted(keys)
            + ") do "
            + conflict
            // To the driver this is then no INSERT whose generated key it must ask for each time.
            + (returning ? answer : " returning 1");
    this.delete = "delete from " + name + " where " + keyIs;
  }

  private String sets(Function<Column, String> value) {
    List<String> sets = new ArrayList<>();
    for (int place : named) {
      Column column = table.columns().get(place);
      String given = value.apply(column);
      sets.add(
          Sql.quoted(column.name())
              + " = "
              + (shape.adds(place) ? SqliteSums.sum(column, given) : given));
    }
    return String.join(", ", sets);
  }

  Prepared prepare(Session session) {
    return new Prepared(session);
  }

  /** Statements prepared when first needed, on one connection, for as many changes as come. */
  final class Prepared implements AutoCloseable {
    private final Session session;
    private @Nullable PreparedStatement updating;
    private @Nullable PreparedStatement inserting;
    private @Nullable PreparedStatement deleting;

    Prepared(Session session) {
      this.session = session;
    }

    void apply(Run.Item item) throws SQLException {
      switch (shape.kind()) {
        case PUT -> put(item);
        case INSERT -> insert(item);
        case REMOVE -> remove(item);
      }
    }

    /** Makes the change without a word of what became of it. */
    void flush(Run.Item item) throws SQLException {
      if (shape.kind() == Run.Kind.REMOVE) {
        remove(item);
      } else if (shape.isUpsertable()) {
        send(boundInsert(item)); // one statement where the row is new, as most are
      } else if (shape.kind() == Run.Kind.INSERT || named.isEmpty()) {
        if (!isThere(item)) {
          send(boundInsert(item));
        }
      } else if (session.update(boundUpdate(item)) == 0) {
        send(boundInsert(item));
      }
    }

    private void send(PreparedStatement statement) throws SQLException {
      try (ResultSet result = session.query(statement)) {
        while (result.next()) {
          // To the end, where SQLite is done with it.
        }
      }
    }

    private void put(Run.Item item) throws SQLException {
      if (named.isEmpty()) {
        insert(item);
        return;
      }
      Row row = returned(boundUpdate(item));
      if (row != null) {
        item.written(row, true);
      } else {
        insert(item);
      }
    }

    private void insert(Run.Item item) throws SQLException {
      boolean keepsExisting = shape.kind() == Run.Kind.INSERT || named.isEmpty();
      if (keepsExisting && !shape.isInsertable() && isThere(item)) {
        item.written(null, true); // reloaded by the dialect; an INSERT would miss a column
        return;
      }
      Row row = returned(boundInsert(item));
      item.written(row, row == null);
    }

    private PreparedStatement boundUpdate(Run.Item item) throws SQLException {
      PreparedStatement statement = updating == null ? session.prepare(update) : updating;
      updating = statement;
      int index = bind(statement, 1, named, item);
      bind(statement, index, keyPlaces(), item);
      return statement;
    }

    private PreparedStatement boundInsert(Run.Item item) throws SQLException {
      PreparedStatement statement = inserting == null ? session.prepare(insert) : inserting;
      inserting = statement;
      bind(statement, 1, inserted, item);
      return statement;
    }

    private boolean isThere(Run.Item item) throws SQLException {
      return !new SqliteDialect().load(session, table, List.of(item.key)).isEmpty();
    }

    private void remove(Run.Item item) throws SQLException {
      PreparedStatement statement = deleting == null ? session.prepare(delete) : deleting;
      deleting = statement;
      bind(statement, 1, keyPlaces(), item);
      item.written(null, session.update(statement) > 0);
    }

    private @Nullable Row returned(PreparedStatement statement) throws SQLException {
      Row row = null;
      try (ResultSet result = session.query(statement)) {
        // To the end: in autocommit mode that is where SQLite commits.
        while (result.next()) {
          row = Row.ofAll(table.rowColumns(), SqliteValues.row(table, result));
        }
      }
      return row;
    }

    private List<Integer> keyPlaces() {
      return IntStream.of(table.keyIndexes()).boxed().toList();
    }

    private int bind(PreparedStatement statement, int from, List<Integer> places, Run.Item item)
        throws SQLException {
      int index = from;
      for (int place : places) {
        Column column = table.columns().get(place);
        SqliteValues.bind(statement, index++, item.value(place), column.type());
      }
      return index;
    }

    @Override
    public void close() throws SQLException {
      for (PreparedStatement statement : new PreparedStatement[] {updating, inserting, deleting}) {
        if (statement != null) {
          statement.close();
        }
      }
    }
  }
}
