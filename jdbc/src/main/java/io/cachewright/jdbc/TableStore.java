// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.StoreGroup;
import io.cachewright.store.Transaction;
import io.cachewright.store.ValueType;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A table as a store. Keys and values are canonical: what {@link Table#checkKey}, {@link
 * Table#parseKey}, {@link Column#check} and {@link Column#parse} return.
 */
public final class TableStore implements Store<Object, Row> {
  private final JdbcDatabase database;
  private final Table table;
  private final ValueType<Row> values;

  TableStore(JdbcDatabase database, Table table) {
    this.database = database;
    this.table = table;
    this.values =
        ValueType.rows(table.rowColumns(), table.columns().stream().anyMatch(Column::generated));
  }

  public Table table() {
    return table;
  }

  @Override
  public Map<Object, Row> load(Collection<Object> keys) {
    return database.load(table, keys);
  }

  /** Applies each change as a transaction of its own. */
  @Override
  public List<Outcome<Written<Row>>> apply(List<Change<Object, Row>> changes) {
    List<Transaction> transactions = new ArrayList<>(changes.size());
    changes.forEach(change -> transactions.add(Transaction.of(this, change)));
    List<Outcome<Written<Row>>> outcomes = new ArrayList<>(changes.size());
    for (Outcome<List<Written<?>>> outcome : database.apply(transactions)) {
      outcomes.add(ofOne(outcome));
    }
    return outcomes;
  }

  @SuppressWarnings("unchecked") // what a table's change brings back is a row
  private static Outcome<Written<Row>> ofOne(Outcome<List<Written<?>>> outcome) {
    if (outcome instanceof Outcome.Applied<List<Written<?>>> applied) {
      return new Outcome.Applied<>((Written<Row>) applied.result().get(0));
    }
    // The others carry no result, so that they serve for any.
    return (Outcome<Written<Row>>) (Outcome<?>) outcome;
  }

  @Override
  public ValueType<Row> values() {
    return values;
  }

  @Override
  public StoreGroup group() {
    return database;
  }

  @Override
  public String toString() {
    return "table " + table;
  }
}
