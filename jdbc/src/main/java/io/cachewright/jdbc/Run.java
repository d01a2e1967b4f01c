// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Increment;
import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one shape (same table, same kind, same columns) and of distinct keys, so that one
 * statement can make them all. Of one thread.
 */
final class Run {

  enum Kind {
    PUT,
    INSERT,
    REMOVE
  }

  /**
   * What decides a statement's text.
   *
   * @param columns the places of the columns named: without the key's, without generated ones
   * @param increments the places of those of them that are added to what is there
   */
  record Shape(Table table, Kind kind, BitSet columns, BitSet increments) {
    private static final BitSet NONE = new BitSet(0); // never changed

    static Shape of(Table table, Change<Object, Row> change) {
      if (change instanceof Change.Put<Object, Row> put) {
        return of(table, Kind.PUT, put.value());
      } else if (change instanceof Change.Insert<Object, Row> insert) {
        return of(table, Kind.INSERT, insert.value());
      }
      return new Shape(table, Kind.REMOVE, NONE, NONE);
    }

    private static Shape of(Table table, Kind kind, Row row) {
      BitSet named = new BitSet(table.columns().size());
      BitSet increments = row.hasIncrements() ? new BitSet(table.columns().size()) : NONE;
      for (int i = 0; i < table.columns().size(); i++) {
        if (isNamed(table, row, i)) {
          named.set(i);
          if (isIncrement(row, i)) {
            increments.set(i);
          }
        }
      }
      return new Shape(table, kind, named, increments);
    }

    private static boolean isIncrement(Row row, int place) {
      return row.hasIncrements() && row.get(place) instanceof Increment;
    }

    /** A whole row that was loaded comes back with the columns that the database computes. */
    private static boolean isNamed(Table table, Row row, int place) {
      Column column = table.columns().get(place);
      return row.has(place)
          && !table.isKey(place)
          && !column.generated()
          && !column.identityAlways();
    }

    /** Whether this is a put's shape. Makes no object: it is asked of thousands in a row. */
    private boolean fits(Table other, Change<Object, Row> change) {
      if (other != table || kind != Kind.PUT || !(change instanceof Change.Put<Object, Row> put)) {
        return false;
      }
      for (int i = 0; i < table.columns().size(); i++) {
        boolean named = isNamed(table, put.value(), i);
        if (named != columns.get(i) || (named && isIncrement(put.value(), i)) != adds(i)) {
          return false;
        }
      }
      return true;
    }

    /** Whether the column at this place is added to. */
    boolean adds(int place) {
      return increments.get(place);
    }

    /**
     * Whether a put is an INSERT that turns to an UPDATE where there is a row. An increment must
     * not be: both databases check constraints of the row to be inserted before they look for the
     * one that is there, so that with {@code check (stock >= 0)} nothing could be taken from a
     * stock.
     */
    boolean isUpsertable() {
      return increments.isEmpty() && isInsertable();
    }

    /** Whether an INSERT of these columns names all that must be named. */
    boolean isInsertable() {
      for (int i = 0; i < table.columns().size(); i++) {
        if (table.columns().get(i).isRequired() && !columns.get(i) && !table.isKey(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** One change, and what became of it. */
  static final class Item {
    final int transaction;
    final Table table;
    final Object key;
    final @Nullable Row row;
    final Shape shape;
    private @Nullable Written<Row> written;

    Item(int transaction, Table table, Change<Object, Row> change) {
      this(transaction, table, change, null);
    }

    /**
     * @param like a shape that it may well have, as the change before it; it is then the same
     *     object
     */
    Item(int transaction, Table table, Change<Object, Row> change, @Nullable Shape like) {
      this.transaction = transaction;
      this.table = table;
      this.key = change.key();
      this.row =
          change instanceof Change.Put<Object, Row> put
              ? put.value()
              : change instanceof Change.Insert<Object, Row> insert ? insert.value() : null;
      this.shape = like != null && like.fits(table, change) ? like : Shape.of(table, change);
    }

    /**
     * The value for the column at this place: of the key if it is part of that; of an increment
     * what it adds.
     */
    @Nullable Object value(int column) {
      int[] keyIndexes = table.keyIndexes();
      for (int i = 0; i < keyIndexes.length; i++) {
        if (keyIndexes[i] == column) {
          return table.keyValue(key, i);
        }
      }
      Object value = row == null ? null : row.get(column);
      return value instanceof Increment increment ? increment.by() : value;
    }

    void written(@Nullable Row value, boolean existed) {
      written = new Written<>(value, existed);
    }

    boolean isWritten() {
      return written != null;
    }

    Written<Row> written() {
      Written<Row> done = written;
      return done == null ? new Written<>(null, true) : done;
    }

    void forget() {
      written = null;
    }
  }

  private final Shape shape;
  private final List<Item> items = new ArrayList<>();
  private @Nullable Item current;

  Run(Shape shape) {
    this.shape = shape;
  }

  Shape shape() {
    return shape;
  }

  Table table() {
    return shape.table();
  }

  List<Item> items() {
    return items;
  }

  void add(Item item) {
    items.add(item);
  }

  /**
   * The change that is being applied by a statement of its own; null if a statement has several.
   */
  @Nullable Item current() {
    return items.size() == 1 ? items.get(0) : current;
  }

  void current(@Nullable Item item) {
    current = item;
  }
}
