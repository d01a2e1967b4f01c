// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.store.ValueType;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GatheredTest {
  private static final Entry<String> ENTRY = Entry.of("value", 1, Entry.NEVER, Entry.NEVER);
  private final Gathered<Integer, String> gathered =
      new Gathered<>(ValueType.opaque(), () -> 0, /* bytesMax= */ 1_000);

  @Test
  void what_was_taken_stays_so_until_it_is_stored() {
    gathered.add(1, ENTRY);
    Gathered.Taken<Integer, String> taken = Objects.requireNonNull(gathered.take(7));
    gathered.add(2, ENTRY);
    assertEquals(taken, gathered.take(8));
    assertEquals(Map.of(1, ENTRY), taken.entries());
    assertFalse(gathered.isUpToDate());
    gathered.stored();
    taken = Objects.requireNonNull(gathered.take(9));
    assertEquals(Map.of(2, ENTRY), taken.entries());
    assertEquals(9, taken.to());
  }

  /** A writer may drop all that waits between the look whether a flush is due and its beginning. */
  @Test
  void p2_nothing_is_taken_to_be_flushed_once_changes_were_dropped() {
    for (int key = 0; !gathered.isBehind(); key++) {
      gathered.add(key, ENTRY);
    }
    assertNull(gathered.take(7));
    assertFalse(gathered.isTaken());
    gathered.beginCopy();
    gathered.copied();
    assertTrue(gathered.isUpToDate());
    assertEquals(Map.of(), Objects.requireNonNull(gathered.take(8)).entries());
  }
}
