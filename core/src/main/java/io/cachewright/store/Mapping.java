// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.Row;

/**
 * How an application's types are seen as keys and rows of a table. Keys of one column are that
 * column's value; keys of several are a {@code List} of their values in the order of the primary
 * key.
 *
 * @param <K> the application's keys
 * @param <V> the application's values
 */
public interface Mapping<K, V> {

  /**
   * @throws io.cachewright.BadValueException if the key is of a wrong type
   */
  Object toStoreKey(K key);

  /**
   * Whether {@link #toStoreKey} answers with the very key that it is given, if it does not refuse
   * it. Then hits need not call it.
   */
  default boolean keepsKeys() {
    return false;
  }

  K fromStoreKey(Object key);

  /**
   * The row of this value. Columns that the value's type does not have are absent.
   *
   * @throws io.cachewright.BadValueException if a column cannot hold its value, or if the value
   *     names another key than the one given
   */
  Row toRow(K key, V value);

  V fromRow(Row row);
}
