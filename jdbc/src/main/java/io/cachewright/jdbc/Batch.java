// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sorts changes into runs: as few as possible, so that as few statements are sent as possible.
 *
 * <p>Invariants, of any two changes a before b:
 *
 * <ul>
 *   <li>B1 of the same key: b is in a later run than a.
 *   <li>B2 of one transaction: b is in a's run or a later one.
 *   <li>B3 of tables joined by a foreign key: b is not before a where that could break the key: a
 *       parent's upsert, then a child's; a child's removal, then its parent's. The other way round
 *       b may overtake, so that orders and their lines, in turns, become two runs.
 *   <li>B4 of a table in which rows of different keys can be in each other's way (a second unique
 *       constraint, a foreign key to itself): b is in a's run or a later one.
 * </ul>
 */
final class Batch {
  private static final int NONE = -1;

  /** The last runs of a table, by place. */
  private static final class Seen {
    final Table table;
    final Map<Object, Integer> lastOfKey;
    int lastUpsert = NONE;
    int lastRemove = NONE;

    /**
     * @param expected how many keys there is room for before it has to grow
     */
    Seen(Table table, int expected) {
      this.table = table;
      this.lastOfKey = new HashMap<>(expected * 4 / 3 + 1);
    }
  }

  private final int rowsMax;
  private final int size;
  private final List<Run> runs = new ArrayList<>();
  private final Map<Run.Shape, Integer> lastOfShape = new HashMap<>();
  private final Map<String, Seen> tables = new LinkedHashMap<>();

  /** Of the change before, which is mostly like this one: then nothing need be looked up. */
  private @Nullable Seen seen;

  private Run.@Nullable Shape shape;
  private int placeOfShape = NONE;
  private int transaction = NONE;
  private int lastOfTransaction = NONE;

  private Batch(int rowsMax, int size) {
    this.rowsMax = rowsMax;
    this.size = size;
  }

  /** The runs of these changes, which are in their order, transaction by transaction. */
  static List<Run> runs(List<Run.Item> items, int rowsMax) {
    if (items.size() == 1) {
      Run run = new Run(items.get(0).shape);
      run.add(items.get(0));
      return List.of(run);
    }
    Batch batch = new Batch(rowsMax, items.size());
    items.forEach(batch::add);
    return batch.runs;
  }

  private void add(Run.Item item) {
    Seen own = seen(item.table);
    if (item.transaction != transaction) {
      transaction = item.transaction;
      lastOfTransaction = NONE;
    }
    int earliest =
        Math.max(own.lastOfKey.getOrDefault(item.key, NONE) + 1, lastOfTransaction); // B1, B2
    earliest = Math.max(earliest, afterRelatives(item, own)); // B3
    if (item.table.traits().ordered()) {
      earliest = Math.max(earliest, Math.max(own.lastUpsert, own.lastRemove)); // B4
    }
    int place = place(item.shape, earliest);
    runs.get(place).add(item);
    own.lastOfKey.put(item.key, place);
    lastOfTransaction = place;
    if (item.shape.kind() == Run.Kind.REMOVE) {
      own.lastRemove = Math.max(own.lastRemove, place);
    } else {
      own.lastUpsert = Math.max(own.lastUpsert, place);
    }
  }

  private Seen seen(Table of) {
    Seen last = seen;
    if (last == null || !of.equals(last.table)) {
      int expected = last == null ? size : 0; // mostly there is one table
      last = tables.computeIfAbsent(of.traits().sql(), absent -> new Seen(of, expected));
      seen = last;
    }
    return last;
  }

  /** Of the last run of this shape; of a new one if that is before the earliest, or full. */
  private int place(Run.Shape of, int earliest) {
    if (!of.equals(shape)) {
      placeOfShape = lastOfShape.getOrDefault(of, NONE);
      shape = of;
    }
    int place = placeOfShape;
    if (place < earliest || place == NONE || runs.get(place).items().size() >= rowsMax) {
      place = runs.size();
      runs.add(new Run(of));
      lastOfShape.put(of, place);
      placeOfShape = place;
    }
    return place;
  }

  private int afterRelatives(Run.Item item, Seen own) {
    int earliest = NONE;
    for (Seen other : tables.values()) {
      if (other == own) {
        continue;
      }
      boolean removes = item.shape.kind() == Run.Kind.REMOVE;
      boolean mustFollow =
          removes ? isChild(other.table, item.table) : isChild(item.table, other.table);
      if (mustFollow) {
        earliest = Math.max(earliest, Math.max(other.lastUpsert, other.lastRemove));
      }
    }
    return earliest;
  }

  static boolean isChild(Table child, Table parent) {
    for (ForeignKey key : child.foreignKeys()) {
      if (isTo(parent, key)) {
        return true;
      }
    }
    return false;
  }

  static boolean isTo(Table parent, ForeignKey key) {
    return key.parent().equals(parent.name()) && key.parentSchema().equals(parent.schema());
  }
}
