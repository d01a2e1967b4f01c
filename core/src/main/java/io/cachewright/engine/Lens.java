// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.Row;
import io.cachewright.store.Mapping;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a caller's keys and values are seen as a space's.
 *
 * @param <K> the caller's keys
 * @param <V> the caller's values
 * @param <S> the space's keys
 * @param <T> the space's values
 */
public interface Lens<K, V, S, T> {

  S storeKey(K key);

  /** Whether every key that {@link #storeKey} does not refuse is the space's key as it is. */
  boolean keepsKeys();

  T storeValue(K key, V value);

  /** The entry's value as the caller sees it; null if it says "no such row". */
  @Nullable V callerValue(Entry<T> entry);

  /** A value that is in no entry. */
  V callerValue(T value);

  private static <V> V checked(V value) {
    return Objects.requireNonNull(value, "null is no value; remove(key) makes a key have none");
  }

  /** The caller's types are the space's. */
  static <K, V> Lens<K, V, K, V> identity() {
    return new Lens<>() {
      @Override
      public K storeKey(K key) {
        return key;
      }

      @Override
      public boolean keepsKeys() {
        return true;
      }

      @Override
      public V storeValue(K key, V value) {
        return checked(value);
      }

      @Override
      public @Nullable V callerValue(Entry<V> entry) {
        return entry.value();
      }

      @Override
      public V callerValue(V value) {
        return value;
      }
    };
  }

  /**
   * The caller's types are mapped to rows. An entry remembers what its row was mapped to; so there
   * is one such lens for a space, the one it is opened with.
   */
  static <K, V> Lens<K, V, Object, Row> rows(Mapping<K, V> mapping) {
    return new Lens<>() {
      @Override
      public Object storeKey(K key) {
        return mapping.toStoreKey(key);
      }

      @Override
      public boolean keepsKeys() {
        return mapping.keepsKeys();
      }

      @Override
      public Row storeValue(K key, V value) {
        return mapping.toRow(key, checked(value));
      }

      @Override
      public @Nullable V callerValue(Entry<Row> entry) {
        @SuppressWarnings("unchecked") // a space has one lens, so it is of its making
        V view = (V) entry.view;
        return view == null ? firstView(entry) : view; // a hit does not touch the row itself
      }

      private @Nullable V firstView(Entry<Row> entry) {
        Row row = entry.value();
        if (row == null) {
          return null;
        }
        V view = mapping.fromRow(row);
        entry.view = view;
        return view;
      }

      @Override
      public V callerValue(Row value) {
        return mapping.fromRow(value);
      }
    };
  }
}
