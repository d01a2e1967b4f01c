// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import io.cachewright.Row;
import io.cachewright.jdbc.type.Kind;
import io.cachewright.store.Change;
import io.cachewright.store.MirrorTarget.Mirrored;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A table that is fit to mirror a shape: whether it is, and the changes of its rows. */
final class MirrorTable<K, V> {
  private final TableStore store;
  private final MirrorShape<K, V> shape;

  /** Where in the table's rows each of the shape's columns is. */
  private final int[] places;

  /** Where {@link MirrorShape#EXPIRES_AT} is. */
  private final int expires;

  /** Where in the shape's key each part of the table's key is. */
  private final int[] keyPlaces;

  private MirrorTable(TableStore store, MirrorShape<K, V> shape, List<String> key) {
    Table table = store.table();
    this.store = store;
    this.shape = shape;
    this.places =
        shape.columns().stream()
            .mapToInt(column -> table.rowColumns().indexOf(column.name()))
            .toArray();
    this.expires = table.rowColumns().indexOf(MirrorShape.EXPIRES_AT);
    this.keyPlaces = table.keyColumns().stream().map(Column::name).mapToInt(key::indexOf).toArray();
  }

  TableStore store() {
    return store;
  }

  /**
   * @throws ConfigurationException if it is not fit; says what is to be done
   */
  static <K, V> MirrorTable<K, V> of(
      TableStore store, MirrorShape<K, V> shape, MirrorStatements statements) {
    Table table = store.table();
    checkColumns(table, shape, statements);
    List<String> key = keyOf(shape).stream().map(MirrorColumn::name).toList();
    List<String> present = table.keyColumns().stream().map(Column::name).toList();
    if (present.size() != key.size() || !new HashSet<>(present).equals(new HashSet<>(key))) {
      throw unfit(table, "its primary key is " + present + ", and has to be " + key, statements);
    }
    return new MirrorTable<>(store, shape, key);
  }

  static List<MirrorColumn> keyOf(MirrorShape<?, ?> shape) {
    return shape.columns().stream().filter(MirrorColumn::key).toList();
  }

  private static void checkColumns(
      Table table, MirrorShape<?, ?> shape, MirrorStatements statements) {
    List<MirrorColumn> missing = new ArrayList<>();
    Set<String> known = new HashSet<>();
    for (MirrorColumn wanted : all(shape)) {
      known.add(wanted.name());
      int place = table.rowColumns().indexOf(wanted.name());
      if (place < 0) {
        missing.add(wanted);
        continue;
      }
      Column column = table.columns().get(place);
      if (column.generated() || !wanted.fits(column.type().kind())) {
        String type = column.generated() ? "computed" : column.type().sqlName();
        String reason =
            String.format(
                "its column %s is %s, and has to be %s",
                column.name(), type, statements.type(wanted.kind()));
        throw unfit(table, reason, statements);
      }
    }
    if (!missing.isEmpty()) {
      throw new ConfigurationException(
          String.format(
              "the table %s lacks columns that its mirror needs. Run: %s",
              table, missing.stream().map(statements::addColumn).collect(Collectors.joining(" "))));
    }
    if (!table.column(MirrorShape.EXPIRES_AT).nullable()) {
      throw unfit(table, "its column expires_at cannot be NULL", statements);
    }
    for (Column column : table.columns()) {
      if (column.isRequired() && !known.contains(column.name())) {
        String reason =
            "its column " + column.name() + " must have a value, and the mirror has none for it";
        throw unfit(table, reason, statements);
      }
    }
  }

  private static ConfigurationException unfit(
      Table table, String reason, MirrorStatements statements) {
    return new ConfigurationException(
        String.format(
            "the table %s cannot be a mirror: %s. Name another table; or make it as this does: %s",
            table, reason, String.join(" ", statements.create())));
  }

  /** The shape's columns and the mirror's own. */
  static List<MirrorColumn> all(MirrorShape<?, ?> shape) {
    List<MirrorColumn> all = new ArrayList<>(shape.columns());
    all.add(MirrorColumn.of(MirrorShape.EXPIRES_AT, Kind.TIMESTAMPTZ));
    return all;
  }

  /**
   * @throws ConfigurationException if no table can have this shape
   */
  static void check(MirrorShape<?, ?> shape) {
    Set<String> names = new HashSet<>();
    for (MirrorColumn each : all(shape)) {
      if (!names.add(each.name())) {
        throw new ConfigurationException(
            each.name().equals(MirrorShape.EXPIRES_AT)
                ? "the column expires_at is the mirror's own: give yours another name"
                : "the column " + each.name() + " is named twice");
      }
    }
    if (keyOf(shape).isEmpty()) {
      throw new ConfigurationException("a mirror needs a column for the key");
    }
  }

  // ---- rows ----

  /**
   * @throws BadValueException if the table cannot have it
   */
  Change<Object, Row> change(Mirrored<K, V> of) {
    Table table = store.table();
    Object key = key(of.key());
    V value = of.value();
    if (value == null) {
      return new Change.Remove<>(key);
    }
    Row given = shape.row(of.key(), value);
    List<MirrorColumn> columns = shape.columns();
    Row.Builder row = Row.builder(table.rowColumns());
    for (int i = 0; i < places.length; i++) {
      int place = given.columns().indexOf(columns.get(i).name());
      if (!columns.get(i).key() && place >= 0 && given.has(place)) {
        row.set(places[i], table.columns().get(places[i]).check(given.get(place)));
      }
    }
    for (int part = 0; part < keyPlaces.length; part++) {
      row.set(table.keyIndexes()[part], table.keyValue(key, part));
    }
    row.set(expires, of.until() == 0 ? null : expiry(of.until()));
    return new Change.Put<>(key, row.build());
  }

  private Object expiry(long until) {
    Object time = Instant.ofEpochMilli(until).atOffset(ZoneOffset.UTC);
    return Objects.requireNonNull(store.table().columns().get(expires).check(time));
  }

  private Object key(K key) {
    Object given = shape.key(key);
    Table table = store.table();
    if (keyPlaces.length == 1) {
      return table.checkKey(given);
    }
    if (!(given instanceof List<?> parts) || parts.size() != keyPlaces.length) {
      throw new BadValueException(given + " is no key of " + table);
    }
    List<@Nullable Object> ordered = new ArrayList<>();
    for (int place : keyPlaces) {
      ordered.add(parts.get(place));
    }
    return table.checkKey(Collections.unmodifiableList(ordered));
  }

  String deleteExpired(Dialect dialect, long now) {
    Column column = store.table().columns().get(expires);
    return String.format(
        "delete from %s where %s <= %s",
        store.table().traits().sql(),
        Sql.quoted(column.name()),
        dialect.literal(expiry(now), column.type()));
  }
}
