// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether all of a transaction's writes fit, before the first of them is made: several may be
 * of one key, and what an increment is added to is then what the earlier ones leave; and all of
 * them together have to have room.
 *
 * <p>Under the write lock, for one transaction.
 */
final class Rehearsal {
  private final Map<Place, Outlook<?>> outlooks = new HashMap<>();
  private final Map<Recorded<?, ?>, Growth<?, ?>> growths = new HashMap<>();

  /** What the writes so far leave of keys that are nowhere but in memory. */
  private final Map<Place, @Nullable Object> inMemory = new HashMap<>();

  private record Place(Space<?, ?> space, Object key) {}

  private Rehearsal() {}

  /**
   * @throws io.cachewright.CacheException if one does not fit, see {@link Logged#check}; or, in
   *     memory, what it would be laid over
   */
  static void of(List<? extends Write<?, ?>> writes) {
    if (writes.size() == 1) {
      writes.get(0).checkFits();
    } else if (!fitAnyway(writes)) {
      Rehearsal rehearsal = new Rehearsal();
      writes.forEach(rehearsal::add);
      rehearsal.growths.forEach((recorded, growth) -> growth.check(recorded.space().name()));
    }
  }

  /** Whether nothing is added to anything, and there is room as though every put were a new key. */
  private static boolean fitAnyway(List<? extends Write<?, ?>> writes) {
    int entries = 0;
    long bytes = 0;
    for (Write<?, ?> write : writes) {
      if (write.adds()) {
        return false;
      } else if (write.space().logged() instanceof Recorded) {
        entries++;
        bytes += write.valueBytes();
      }
    }
    for (Write<?, ?> write : writes) {
      if (write.space().logged() instanceof Recorded<?, ?> recorded
          && !recorded.hasRoomFor(entries, bytes)) {
        return false;
      }
    }
    return true;
  }

  @SuppressWarnings("unchecked") // a place's outlook, and a space's growth, are of its type
  private <K, V> void add(Write<K, V> write) {
    if (write.space().logged() instanceof LoggedBehind<K, V> logged) {
      K key = write.change().key();
      Outlook<V> before =
          (Outlook<V>)
              outlooks.computeIfAbsent(
                  new Place(write.space(), key), absent -> logged.outlook(key));
      outlooks.put(
          new Place(write.space(), key), before.after(write.change(), write.space().values()));
    } else if (write.space().logged() instanceof Recorded<K, V> recorded) {
      recorded.checkAddsNothing(write.change());
      ((Growth<K, V>) growths.computeIfAbsent(recorded, Recorded::growth)).add(write.change());
    } else if (!write.reachesStore()) {
      addInMemory(write);
    }
  }

  @SuppressWarnings("unchecked") // a place's values are of its space's type
  private <K, V> void addInMemory(Write<K, V> write) {
    K key = write.change().key();
    Place place = new Place(write.space(), key);
    V before =
        inMemory.containsKey(place)
            ? (V) inMemory.get(place)
            : Entry.valueOf(write.space().table().get(key));
    inMemory.put(place, Unit.apply(write.space(), before, write.change()));
  }
}
