// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An order of a flush's changes in which foreign keys hold on the way.
 *
 * <p>Where several changes of a key have become one, the order in which they came says little: a
 * child may stand before the parent it was given later. Only what all of them leave is known to be
 * sound. So, in tables that foreign keys join:
 *
 * <ul>
 *   <li>O1 upserts come first, parents before children; rows of a table that refers to itself too.
 *   <li>O2 removals follow, children before parents.
 *   <li>O3 but in a table in which rows of different keys can be in each other's way (see {@link
 *       Batch}, B4) a removal stays before an upsert that it came before: it may make room for it.
 *   <li>O4 if a key has several changes, their tables' order is left as it is: then it is the order
 *       in which they were made, and that was sound.
 * </ul>
 *
 * All other changes stay where they are. No order suits every case (two rows that swap what must be
 * unique), so that a flush refused in this order is tried once more in the one in which it came.
 */
final class FlushOrder {
  private record TableKey(Table table, Object key) {}

  /** A change, and when it is its turn: the lower first, the equal in the order they came. */
  private record Ranked(Run.Item item, int rank) {}

  private final List<Run.Item> items;

  /** The tables that have changes and are joined to others that have, or to themselves. */
  private final Set<Table> joined = new HashSet<>();

  /** How many generations of ancestors a joined table has. */
  private final Map<Table, Integer> depths = new HashMap<>();

  private FlushOrder(List<Run.Item> items) {
    this.items = items;
  }

  static List<Run.Item> of(List<Run.Item> items) {
    FlushOrder order = new FlushOrder(items);
    order.findJoined();
    return order.joined.isEmpty() || order.hasRepeats() ? items : order.sorted();
  }

  private void findJoined() {
    Set<Table> tables = new HashSet<>();
    Table last = null;
    for (Run.Item item : items) {
      if (item.table != last) { // mostly the same, thousands of times
        tables.add(item.table);
        last = item.table;
      }
    }
    for (Table child : tables) {
      for (Table parent : tables) {
        if (Batch.isChild(child, parent)) {
          joined.add(child);
          joined.add(parent);
        }
      }
    }
    joined.forEach(table -> depth(table, new HashSet<>()));
  }

  private int depth(Table table, Set<Table> below) {
    Integer known = depths.get(table);
    if (known != null) {
      return known;
    }
    below.add(table);
    int depth = 0;
    for (Table parent : joined) {
      // Tables that refer to each other in a circle have no order: wherever it was entered.
      if (!below.contains(parent) && Batch.isChild(table, parent)) {
        depth = Math.max(depth, depth(parent, below) + 1);
      }
    }
    below.remove(table);
    depths.put(table, depth);
    return depth;
  }

  private boolean hasRepeats() {
    Set<TableKey> keys = new HashSet<>();
    for (Run.Item item : items) {
      if (joined.contains(item.table) && !keys.add(new TableKey(item.table, item.key))) {
        return true;
      }
    }
    return false;
  }

  private List<Run.Item> sorted() {
    Map<Table, Integer> lastUpserts = new HashMap<>();
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).shape.kind() != Run.Kind.REMOVE) {
        lastUpserts.put(items.get(i).table, i);
      }
    }
    List<Ranked> ranked = new ArrayList<>(items.size());
    for (int i = 0; i < items.size(); i++) {
      Run.Item item = items.get(i);
      Integer depth = depths.get(item.table);
      boolean late =
          item.shape.kind() == Run.Kind.REMOVE
              && (!item.table.traits().ordered() || lastUpserts.getOrDefault(item.table, -1) < i);
      int removals = joined.size() * 2;
      ranked.add(new Ranked(item, depth == null ? 0 : late ? removals - depth : depth));
    }
    ranked.sort(Comparator.comparingInt(Ranked::rank));
    return withAncestorsFirst(ranked.stream().map(Ranked::item).toList());
  }

  // ---- tables that refer to themselves ----

  private List<Run.Item> withAncestorsFirst(List<Run.Item> order) {
    Map<TableKey, Run.Item> upserts = new LinkedHashMap<>();
    for (Run.Item item : order) {
      boolean refersToOwn = Batch.isChild(item.table, item.table);
      if (refersToOwn && item.shape.kind() != Run.Kind.REMOVE) {
        upserts.put(new TableKey(item.table, item.key), item);
      }
    }
    if (upserts.isEmpty()) {
      return order;
    }
    Set<Run.Item> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Run.Item> result = new ArrayList<>(order.size());
    Deque<Run.Item> waiting = new ArrayDeque<>(); // a row, the one it refers to above it, and so on
    for (Run.Item item : order) {
      if (seen.add(item)) {
        waiting.push(item);
      }
      while (!waiting.isEmpty()) {
        Run.Item parent = unseenParent(waiting.peek(), upserts, seen);
        if (parent == null) {
          result.add(waiting.pop());
        } else {
          seen.add(parent);
          waiting.push(parent);
        }
      }
    }
    return result;
  }

  /** A row of the same table that this one refers to, in this flush and not yet seen. */
  private static Run.@Nullable Item unseenParent(
      Run.Item item, Map<TableKey, Run.Item> upserts, Set<Run.Item> seen) {
    Table table = item.table;
    for (ForeignKey key : table.foreignKeys()) {
      if (Batch.isTo(table, key) && item.row != null) {
        @Nullable Object[] parent = new Object[table.columns().size()];
        for (int i = 0; i < key.columns().size(); i++) {
          int from = table.rowColumns().indexOf(key.columns().get(i));
          int to = table.rowColumns().indexOf(key.parentColumns().get(i));
          parent[to] = item.value(from);
        }
        Run.Item found = upserts.get(new TableKey(table, table.keyOf(parent)));
        if (found != null && !seen.contains(found)) {
          return found;
        }
      }
    }
    return null;
  }
}
