// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a generation has to do to one key: all its changes, coalesced. Immutable.
 *
 * <pre>
 *   removes  put    to the store             a read sees
 *   no       x      put x                    x over what the store has
 *   yes      none   remove                   nothing
 *   yes      x      remove, then put x       x alone
 * </pre>
 *
 * <p>C1: to apply it is to apply the changes it was made of, one by one, if nobody looks in
 * between.
 *
 * @param sequence of the newest change in it
 * @param removes whether what the store has goes first
 * @param put what is put after that; null: nothing
 */
record Waiting<V>(long sequence, boolean removes, @Nullable V put) {

  static <V> Waiting<V> of(long sequence, Change<?, V> change, ValueType<V> values) {
    return new Waiting<V>(sequence, /* removes= */ false, /* put= */ null)
        .and(sequence, change, values);
  }

  /** C1: this, and then the change. */
  Waiting<V> and(long next, Change<?, V> change, ValueType<V> values) {
    if (change instanceof Change.Put<?, V> more) {
      return andPut(next, more.value(), values);
    } else if (change instanceof Change.Remove) {
      return new Waiting<>(next, /* removes= */ true, /* put= */ null);
    }
    // Whether an insert does anything is for the store to say, and it is not asked before the
    // caller is answered: it is made a put or dropped before it is accepted.
    throw new IllegalArgumentException("an insert cannot wait: " + change);
  }

  /** This, and then what came later. */
  Waiting<V> and(Waiting<V> later, ValueType<V> values) {
    return later.removes || later.put == null ? later : andPut(later.sequence, later.put, values);
  }

  private Waiting<V> andPut(long next, V more, ValueType<V> values) {
    V sum = put == null ? more : values.over(put, more);
    // A put that says all there is to say leaves nothing over of what was removed.
    return new Waiting<>(next, removes && !values.isComplete(sum), sum);
  }

  /** What a read sees that found {@code base} in the store. */
  @Nullable V over(@Nullable V base, ValueType<V> values) {
    V rest = removes ? null : base;
    if (put == null) {
      return rest;
    }
    return values.after(rest, put);
  }

  /** Whether a read needs not ask the store. */
  boolean isWhole(ValueType<V> values) {
    return removes || (put != null && values.isComplete(put));
  }

  /** What the store is asked to do, in this order. */
  <K> List<Change<K, V>> changes(K key) {
    if (put == null) {
      return List.of(new Change.Remove<>(key));
    }
    return removes
        ? List.of(new Change.Remove<>(key), new Change.Put<>(key, put))
        : List.of(new Change.Put<>(key, put));
  }

  /** About how much memory it takes besides its key, in bytes. */
  long bytes(ValueType<V> values) {
    return put == null ? 0 : values.bytes(put);
  }
}
