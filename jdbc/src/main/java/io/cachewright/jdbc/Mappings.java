// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.store.Mapping;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an application's keys and values are seen as a table's. Everything that does not fit is found
 * when the mapping is made.
 */
final class Mappings {

  private Mappings() {}

  static <K, V> Mapping<K, V> of(
      Table table, Class<K> key, Class<V> value, Map<String, String> columns) {
    Side<K> keys = keys(table, key);
    if (value == Row.class) {
      if (!columns.isEmpty()) {
        throw new ConfigurationException(
            "columns are named for components of a record; " + table + " is mapped as rows");
      }
      @SuppressWarnings("unchecked") // V is Row
      Mapping<K, V> rows = (Mapping<K, V>) new OfRows<>(table, keys);
      return rows;
    } else if (!value.isRecord()) {
      throw new ConfigurationException(
          value.getName() + " is no value of a table; use a Java record or io.cachewright.Row");
    }
    return new OfRecords<>(table, keys, RecordShape.of(value, table, table.columns(), columns));
  }

  /** One side of a mapping: to what the store takes, and back. */
  private interface Side<T> {
    Object toStore(T value);

    T fromStore(Object stored);

    default boolean keeps() {
      return false;
    }
  }

  private static <K> Side<K> keys(Table table, Class<K> type) {
    List<Column> columns = table.keyColumns();
    if (type.isRecord()) {
      return recordKeys(table, RecordShape.of(type, table, columns, Map.of()));
    } else if (type == Object.class || (columns.size() > 1 && type == List.class)) {
      return plainKeys(table, type);
    } else if (columns.size() > 1) {
      throw new ConfigurationException(
          String.format(
              "the key of %s is %s: give a record with these components, or List; not %s",
              table, columns.stream().map(Column::name).toList(), type.getSimpleName()));
    }
    Column column = columns.get(0);
    Conversion conversion = Conversion.of(type, type, column);
    if (conversion == null) {
      throw new ConfigurationException(
          String.format(
              "%s is no key of %s, whose %s is a %s; use %s",
              type.getSimpleName(),
              table,
              column.name(),
              column.type().sqlName(),
              column.type().kind().javaType().getSimpleName()));
    }
    boolean keeps = type == column.type().kind().javaType() && column.type().keepsValues();
    return new Side<>() {
      @Override
      public Object toStore(K value) {
        return table.checkKey(conversion.toStore(value));
      }

      @Override
      public boolean keeps() {
        return keeps;
      }

      @Override
      public K fromStore(Object stored) {
        return type.cast(conversion.fromStore(stored));
      }
    };
  }

  private static <K> Side<K> plainKeys(Table table, Class<K> type) {
    return new Side<>() {
      @Override
      public Object toStore(K value) {
        return table.checkKey(value);
      }

      @Override
      public K fromStore(Object stored) {
        return type.cast(stored);
      }
    };
  }

  private static <K> Side<K> recordKeys(Table table, RecordShape<K> shape) {
    List<Column> columns = table.keyColumns();
    if (shape.size() != columns.size()) {
      throw new ConfigurationException(
          shape + " must have a component for each column of the key of " + table + ": " + columns);
    }
    return new Side<>() {
      @Override
      public Object toStore(K value) {
        @Nullable Object[] parts = new Object[columns.size()];
        shape.read(value, parts);
        return table.checkKey(parts.length == 1 ? parts[0] : java.util.Arrays.asList(parts));
      }

      @Override
      public K fromStore(Object stored) {
        @Nullable Object[] parts = new Object[columns.size()];
        for (int i = 0; i < parts.length; i++) {
          parts[i] = table.keyValue(stored, i);
        }
        return shape.make(parts);
      }
    };
  }

  /** What rows and records have in common: their keys. */
  private abstract static class Base<K, V> implements Mapping<K, V> {
    final Table table;
    private final Side<K> keys;

    Base(Table table, Side<K> keys) {
      this.table = table;
      this.keys = keys;
    }

    @Override
    public Object toStoreKey(K key) {
      return keys.toStore(key);
    }

    @Override
    public boolean keepsKeys() {
      return keys.keeps();
    }

    @Override
    public K fromStoreKey(Object key) {
      return keys.fromStore(key);
    }

    /** Lays the key into the row's values; refuses a value that names another. */
    void putKey(Object key, @Nullable Object[] values, boolean[] present) {
      int[] places = table.keyIndexes();
      for (int i = 0; i < places.length; i++) {
        Object part = table.keyValue(key, i);
        Object given = values[places[i]];
        if (present[places[i]] && (given == null || !isSame(part, given))) {
          throw new BadValueException(
              String.format(
                  "the value is put under the key %s of %s, but its %s is %s",
                  table.printKey(key), table, table.columns().get(places[i]).name(), given));
        }
        values[places[i]] = part;
        present[places[i]] = true;
      }
    }

    private static boolean isSame(Object a, Object b) {
      return a instanceof java.math.BigDecimal x && b instanceof java.math.BigDecimal y
          ? x.compareTo(y) == 0
          : a.equals(b);
    }

    Row row(@Nullable Object[] values, boolean[] present) {
      Row.Builder row = Row.builder(table.rowColumns());
      for (int i = 0; i < values.length; i++) {
        if (present[i]) {
          row.set(i, values[i]);
        }
      }
      return row.build();
    }
  }

  private static final class OfRows<K> extends Base<K, Row> {
    OfRows(Table table, Side<K> keys) {
      super(table, keys);
    }

    @Override
    public Row toRow(K key, Row value) {
      List<Column> columns = table.columns();
      if (!value.columns().equals(table.rowColumns())) {
        value.columns().names().forEach(table::column); // names the one that is not there
      }
      @Nullable Object[] values = new Object[columns.size()];
      boolean[] present = new boolean[columns.size()];
      for (int i = 0; i < values.length; i++) {
        Column column = columns.get(i);
        int place = value.columns().indexOf(column.name());
        if (place >= 0 && value.has(place) && !column.generated()) {
          values[i] = column.check(value.get(place));
          present[i] = true;
        }
      }
      putKey(toStoreKey(key), values, present);
      return row(values, present);
    }

    @Override
    public Row fromRow(Row row) {
      return row;
    }
  }

  private static final class OfRecords<K, V> extends Base<K, V> {
    private final RecordShape<V> shape;

    OfRecords(Table table, Side<K> keys, RecordShape<V> shape) {
      super(table, keys);
      this.shape = shape;
    }

    @Override
    public Row toRow(K key, V value) {
      @Nullable Object[] values = new Object[table.columns().size()];
      boolean[] present = shape.writable();
      shape.read(value, values);
      putKey(toStoreKey(key), values, present);
      return row(values, present);
    }

    @Override
    public V fromRow(Row row) {
      @Nullable Object[] values = new Object[table.columns().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = row.get(i);
      }
      return shape.make(values);
    }
  }
}
