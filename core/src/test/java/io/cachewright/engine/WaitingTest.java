// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.Columns;
import io.cachewright.Row;
import io.cachewright.store.Change;
import io.cachewright.store.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitingTest {
  private static final Columns COLUMNS = Columns.of("id", "a", "b");
  private static final ValueType<Row> ROWS = ValueType.ROW;

  /** What a table does with a change: columns not named are NULL in a new row. */
  private static @Nullable Row applied(@Nullable Row row, Change<Integer, Row> change) {
    if (change instanceof Change.Put<Integer, Row> put) {
      Row base = row == null ? Row.ofAll(COLUMNS, 1L, null, null) : row;
      return put.value().over(base);
    }
    return null;
  }

  private static @Nullable Row applied(@Nullable Row row, List<Change<Integer, Row>> changes) {
    Row next = row;
    for (Change<Integer, Row> change : changes) {
      next = applied(next, change);
    }
    return next;
  }

  @Test
  void c1_coalesced_changes_do_to_a_row_what_they_do_one_by_one() {
    Random random = new Random(3);
    for (int round = 0; round < 20_000; round++) {
      List<Change<Integer, Row>> changes = new ArrayList<>();
      int number = 1 + random.nextInt(6);
      for (int i = 0; i < number; i++) {
        changes.add(random(random));
      }
      Waiting<Row> waiting = Waiting.of(1, changes.get(0), ROWS);
      for (int i = 1; i < changes.size(); i++) {
        waiting = waiting.and(i + 1, changes.get(i), ROWS);
      }
      for (Row base : bases()) {
        @Nullable Row expected = applied(base, changes);
        assertEquals(expected, applied(base, waiting.changes(1)), () -> "store: " + changes);
        assertSeen(expected, waiting.over(base, ROWS), changes);
      }
      assertEquals(changes.size(), waiting.sequence());
      assertTrue(waiting.changes(1).size() <= 2);
      int half = random.nextInt(number);
      Waiting<Row> later = sum(changes, half);
      assertEquals(waiting, half == 0 ? later : sum(changes.subList(0, half), 0).and(later, ROWS));
    }
  }

  private static Waiting<Row> sum(List<Change<Integer, Row>> changes, int from) {
    Waiting<Row> sum = Waiting.of(from + 1, changes.get(from), ROWS);
    for (int i = from + 1; i < changes.size(); i++) {
      sum = sum.and(i + 1, changes.get(i), ROWS);
    }
    return sum;
  }

  /** A read may see less of a new row than the store will make of it, but nothing else. */
  private static void assertSeen(
      @Nullable Row expected, @Nullable Row seen, List<Change<Integer, Row>> changes) {
    if (expected == null || seen == null) {
      assertEquals(expected, seen, () -> "seen: " + changes);
      return;
    }
    for (int i = 1; i < COLUMNS.size(); i++) {
      assertTrue(
          Objects.equals(expected.get(i), seen.get(i)), () -> changes + " is seen as " + seen);
    }
  }

  private static Row[] bases() {
    return new Row[] {null, Row.ofAll(COLUMNS, 1L, 10L, 20L)};
  }

  private static Change<Integer, Row> random(Random random) {
    Row row = Row.empty(COLUMNS);
    return switch (random.nextInt(4)) {
      case 0 -> new Change.Remove<>(1);
      case 1 -> new Change.Put<>(1, row.with("a", random.nextLong(100)));
      case 2 -> new Change.Put<>(1, row.with("b", null));
      default -> new Change.Put<>(1, Row.ofAll(COLUMNS, 1L, random.nextLong(100), 5L));
    };
  }

  @Test
  void a_put_after_a_remove_keeps_the_remove_for_columns_it_does_not_name() {
    Waiting<Row> waiting =
        Waiting.<Row>of(1, new Change.Remove<Integer, Row>(1), ROWS)
            .and(2, new Change.Put<>(1, Row.empty(COLUMNS).with("a", 1L)), ROWS);
    assertEquals(
        List.of(new Change.Remove<>(1), new Change.Put<>(1, Row.empty(COLUMNS).with("a", 1L))),
        waiting.changes(1));
    assertTrue(waiting.isWhole(ROWS));
  }

  @Test
  void a_whole_value_leaves_nothing_of_a_remove() {
    ValueType<String> texts = ValueType.opaque();
    Waiting<String> waiting =
        Waiting.of(1, new Change.Remove<Integer, String>(1), texts)
            .and(2, new Change.Put<>(1, "x"), texts);
    assertEquals(List.of(new Change.Put<>(1, "x")), waiting.changes(1));
    assertTrue(waiting.isWhole(texts));
  }

  @Test
  void columns_alone_are_not_whole() {
    assertFalse(
        Waiting.of(1, new Change.Put<>(1, Row.empty(COLUMNS).with("a", 1L)), ROWS).isWhole(ROWS));
  }

  @Test
  void an_insert_cannot_wait() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Waiting.of(1, new Change.Insert<>(1, "x"), ValueType.<String>opaque()));
  }
}
