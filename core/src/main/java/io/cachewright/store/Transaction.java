// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import java.util.List;

/** One or more changes that are applied together or not at all. */
public record Transaction(List<Part<?, ?>> parts) {

  /** A change, and the store it is for. */
  public record Part<K, V>(Store<K, V> store, Change<K, V> change) {}

  public Transaction {
    parts = List.copyOf(parts);
  }

  public static <K, V> Transaction of(Store<K, V> store, Change<K, V> change) {
    return new Transaction(List.of(new Part<>(store, change)));
  }
}
