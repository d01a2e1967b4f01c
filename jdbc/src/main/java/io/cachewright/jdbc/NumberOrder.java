// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Sorts by a number, lowest first; what has the same number stays as it was.
 *
 * <p>Of each element one {@code long} is sorted, if the numbers lie close enough: how far it is
 * above the least, and, in the low bits, where it stood. That is some times quicker than to compare
 * objects, each of which is somewhere else in memory.
 */
final class NumberOrder {
  private NumberOrder() {}

  static <T> List<T> sorted(List<T> elements, ToLongFunction<T> number) {
    int size = elements.size();
    long[] numbers = new long[size];
    long least = Long.MAX_VALUE;
    long most = Long.MIN_VALUE;
    for (int i = 0; i < size; i++) {
      numbers[i] = number.applyAsLong(elements.get(i));
      least = Math.min(least, numbers[i]);
      most = Math.max(most, numbers[i]);
    }
    int placeBits = Integer.SIZE - Integer.numberOfLeadingZeros(size);
    long spread = size == 0 ? 0 : most - least; // below 0 if it is more than a long holds
    if (spread < 0 || spread >= Long.MAX_VALUE >> placeBits) {
      return IntStream.range(0, size)
          .boxed()
          .sorted(Comparator.comparingLong(place -> numbers[place]))
          .<T>map(elements::get)
          .toList();
    }
    for (int i = 0; i < size; i++) {
      numbers[i] = (numbers[i] - least) << placeBits | i;
    }
    Arrays.sort(numbers);
    List<T> sorted = new ArrayList<>(size);
    for (long each : numbers) {
      sorted.add(elements.get((int) (each & ((1L << placeBits) - 1))));
    }
    return sorted;
  }
}
