// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks whether all of a transaction's writes fit, before the first of them is made: several may be
 * of one key, and what an increment is added to is then what the earlier ones leave.
 *
 * <p>Under the write lock, for one transaction.
 */
final class Rehearsal {
  private final Map<Place, Outlook<?>> outlooks = new HashMap<>();

  private record Place(Space<?, ?> space, Object key) {}

  private Rehearsal() {}

  /**
   * @throws io.cachewright.CacheException if one does not fit, see {@link Logged#check}
   */
  static void of(List<? extends Write<?, ?>> writes) {
    if (writes.size() == 1) {
      writes.get(0).checkFits();
      return;
    } else if (writes.stream().noneMatch(Write::adds)) {
      writes.forEach(Write::checkFits);
      return;
    }
    Rehearsal rehearsal = new Rehearsal();
    writes.forEach(rehearsal::check);
  }

  @SuppressWarnings("unchecked") // a place's outlook is of its space's type
  private <K, V> void check(Write<K, V> write) {
    if (write.space().logged() instanceof LoggedBehind<K, V> logged) {
      K key = write.change().key();
      Outlook<V> before =
          (Outlook<V>)
              outlooks.computeIfAbsent(
                  new Place(write.space(), key), absent -> logged.outlook(key));
      outlooks.put(
          new Place(write.space(), key), before.after(write.change(), write.space().values()));
    } else {
      write.checkFits();
    }
  }
}
