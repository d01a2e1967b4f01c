// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

/** One accepted write of one key. */
public sealed interface Change<K, V> {

  K key();

  /**
   * Makes the key's value this one. A {@link io.cachewright.Row} touches only the columns it names
   * (P9): a row that is there is updated, one that is not is inserted.
   */
  record Put<K, V>(K key, V value) implements Change<K, V> {}

  /** Makes the key's value this one if it has none; else leaves it, and is applied all the same. */
  record Insert<K, V>(K key, V value) implements Change<K, V> {}

  /** Makes the key have no value. */
  record Remove<K, V>(K key) implements Change<K, V> {}
}
