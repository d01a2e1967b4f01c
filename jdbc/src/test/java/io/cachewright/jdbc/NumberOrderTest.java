// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class NumberOrderTest {
  private static final long SEED = Long.getLong("cachewright.seed", System.nanoTime());

  private record Element(long number, int place) {}

  private static void check(long... numbers) {
    List<Element> elements = new ArrayList<>();
    for (long number : numbers) {
      elements.add(new Element(number, elements.size()));
    }
    List<Element> expected = new ArrayList<>(elements);
    expected.sort(Comparator.comparingLong(Element::number).thenComparingInt(Element::place));
    assertEquals(expected, NumberOrder.sorted(elements, Element::number), () -> "seed " + SEED);
  }

  @Test
  void sortsByNumberAndLeavesEqualsInPlace() {
    Random random = new Random(SEED);
    for (int round = 0; round < 2_000; round++) {
      long spread = 1L << random.nextInt(63);
      long least = random.nextLong();
      check(random.longs(random.nextInt(100), 0, spread).map(each -> least + each).toArray());
    }
  }

  @Test
  void takesNumbersThatAreAsFarApartAsCanBe() {
    check();
    check(7);
    check(7, 7, 7);
    check(Long.MAX_VALUE, Long.MIN_VALUE, 0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE);
    check(Long.MIN_VALUE, 0, Long.MAX_VALUE - 1);
    for (int bits = 50; bits < 63; bits++) { // around what still fits beside the place
      long far = 1L << bits;
      check(far, 0, far - 1, 1, far, 0);
      check(far + 1, 0, far, -1, far);
      check(far - 1, 0, far - 2, 5, far - 1);
    }
  }
}
