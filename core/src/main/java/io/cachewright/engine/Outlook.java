// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a key of a write-behind space has, or would have after some changes: so that an increment
 * which goes beyond what can be held is refused before anything is logged. Immutable.
 *
 * <p>What waits in several generations may be one later: when it joins what is parked, or when it
 * is replayed. So it has to fit from each of them on.
 *
 * @param known the value that is cached; null if there is none, or none is known
 * @param waiting what waits of it in the open generation; null: nothing
 * @param sums what waits of it from an earlier generation on, or from what is parked; of each
 */
record Outlook<V>(@Nullable V known, @Nullable Waiting<V> waiting, List<Waiting<V>> sums) {

  /**
   * This, and then the change.
   *
   * @throws io.cachewright.BadValueException if an increment does not fit
   */
  <K> Outlook<V> after(Change<K, V> change, ValueType<V> values) {
    Waiting<V> both =
        waiting == null
            ? Waiting.of(/* sequence= */ 0, change, values)
            : waiting.and(waiting.sequence(), change, values);
    V value = change instanceof Change.Put<K, V> put ? known(known, put.value(), values) : null;
    List<Waiting<V>> more =
        sums.stream().map(sum -> sum.and(sum.sequence(), change, values)).toList();
    return new Outlook<>(value, both, more);
  }

  /** What a put makes of the value that is known; null if that is not known. */
  static <V> @Nullable V known(@Nullable V base, V patch, ValueType<V> values) {
    if (base != null) {
      return values.after(base, patch);
    }
    return values.isComplete(patch) ? patch : null;
  }
}
