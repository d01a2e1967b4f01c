// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WaitingKeysTest {
  private static final long SEED = Long.getLong("cachewright.seed", System.nanoTime());

  private static Waiting<String> put(long sequence, String value) {
    return new Waiting<>(sequence, /* removes= */ false, value);
  }

  /** What {@link LinkedHashMap} says, of any keys and however many were expected. */
  @Test
  void hasWhatWasSetInTheOrderInWhichTheKeysCame() {
    Random random = new Random(SEED);
    for (int round = 0; round < 100; round++) {
      WaitingKeys<Long, String> keys = new WaitingKeys<>(random.nextInt(1_000));
      Map<Long, Waiting<String>> model = new LinkedHashMap<>();
      long step = 1L << random.nextInt(40);
      int bound = 1 + random.nextInt(2_000);
      for (int i = 0; i < 3_000; i++) {
        Long key = step * random.nextInt(bound);
        Waiting<String> waiting = put(i, "value " + i);
        WaitingKeys.Node<Long, String> node = keys.get(key);
        assertEquals(model.get(key), node == null ? null : node.waiting(), () -> "seed " + SEED);
        (node == null ? keys.add(key) : node).set(waiting, i);
        model.put(key, waiting);
      }
      assertSame(model, keys);
    }
  }

  private static <K> void assertSame(Map<K, Waiting<String>> model, WaitingKeys<K, String> keys) {
    List<K> order = new ArrayList<>();
    for (WaitingKeys.Node<K, String> node = keys.first(); node != null; node = node.after()) {
      assertEquals(model.get(node.key), node.waiting(), () -> "seed " + SEED);
      order.add(node.key);
    }
    assertEquals(List.copyOf(model.keySet()), order, () -> "seed " + SEED);
    assertEquals(model.size(), keys.size());
  }

  /** A key of a client that means harm, as Strings of Aa and BB would be. */
  private static final class Colliding implements Comparable<Colliding> {
    static long comparisons;
    private final int number;

    Colliding(int number) {
      this.number = number;
    }

    @Override
    public int hashCode() {
      return 42;
    }

    @Override
    public boolean equals(Object other) {
      comparisons++;
      return other instanceof Colliding key && key.number == number;
    }

    @Override
    public int compareTo(Colliding other) {
      comparisons++;
      return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
      return "key " + number;
    }
  }

  @Test
  void keysOfOneHashAreFoundAndNotAmongAllOthers() {
    int size = 10_000;
    WaitingKeys<Colliding, String> keys = new WaitingKeys<>(0);
    Map<Colliding, Waiting<String>> model = new LinkedHashMap<>();
    Colliding.comparisons = 0;
    for (int i = 0; i < size; i++) {
      assertNull(keys.get(new Colliding(i)));
      keys.add(new Colliding(i)).set(put(i, "value " + i), 1);
      assertEquals(i, Objects.requireNonNull(keys.get(new Colliding(i))).waiting().sequence());
    }
    long each = Colliding.comparisons / size;
    assertTrue(each < 500, () -> each + " comparisons for each key");
    for (int i = 0; i < size; i++) {
      model.put(new Colliding(i), put(i, "value " + i));
    }
    assertSame(model, keys);
  }

  @Test
  void saysHowMuchMoreAChangeTakes() {
    WaitingKeys<String, String> keys = new WaitingKeys<>(0);
    WaitingKeys.Node<String, String> node = keys.add("a");
    assertEquals(10, node.set(put(1, "x"), 10));
    assertEquals(-3, node.set(put(2, "y"), 7));
    assertEquals(Integer.MAX_VALUE - 7L, node.set(put(3, "z"), Long.MAX_VALUE));
    assertEquals(1 - (long) Integer.MAX_VALUE, node.set(put(4, "z"), 1));
  }
}
