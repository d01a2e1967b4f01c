// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind a keyspace: loads entries, applies changes. Implement it to put code of your
 * own (an ORM, a service) behind a cache. Calls come from several threads at once. One keyspace for
 * a store: two would not see each other's writes, so a second one is refused that has an equal
 * store.
 */
public interface Store<K, V> {

  /**
   * Loads the values of these keys, in one call to what stands behind if that is possible. Keys are
   * distinct and at least one.
   *
   * @return the values found; a key that is left out has no value
   * @throws io.cachewright.StoreAwayException if it cannot be reached: never an empty answer
   * @throws io.cachewright.RefusedException if it refuses for good
   */
  Map<K, V> load(Collection<K> keys);

  /**
   * Applies changes in this order. Several changes may be of one key. Each may have an outcome of
   * its own; a store that works in transactions applies all or says {@link Outcome.Undone} of those
   * that were rolled back without being at fault.
   *
   * @return an outcome per change, in the same order. Anything thrown counts as {@link
   *     Outcome.Refused} of all of them
   */
  List<Outcome<Written<V>>> apply(List<Change<K, V>> changes);

  /** What the engine must know of the values. By default they are opaque. */
  default ValueType<V> values() {
    return ValueType.opaque();
  }

  /**
   * The stores this one can share a transaction with; null (the default) if it has none, and then a
   * caller's transaction can have one change of this keyspace and no other.
   */
  default @Nullable StoreGroup group() {
    return null;
  }
}
