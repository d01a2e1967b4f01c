// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.LimitException;
import io.cachewright.store.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What commands that run one after another under the write lock see and change, of spaces without a
 * store of which some are logged.
 *
 * <pre>
 *   begin ─► write lock [ find, put, remove, find, ... ─► commit: one record ] ─► newest
 *   begin ─► find, find, ...                                                  ─► newest
 * </pre>
 *
 * <p>D1: nothing is changed before the commit: what is refused there, or given up, leaves no trace.
 * D2: a command sees what was put and removed before it. D3: whatever a command has seen or done is
 * safe when the journal has got to {@link #newest}; before that nobody must be told of it (P1, P3).
 *
 * <p>For one thread, which has the write lock from the beginning to the commit; or which has a
 * {@link Unit} watch what is read, and take the changes over.
 */
public final class Draft {
  private final Log log;
  private final List<Write<?, ?>> writes = new ArrayList<>();

  /** What has become of each key; null: made of the writes when it is needed. */
  private @Nullable Map<Place, Entry<?>> changed;

  private @Nullable Unit unit;

  private long newest;

  private record Place(Space<?, ?> space, Object key) {}

  public Draft(Log log) {
    this.log = log;
  }

  /** Begins anew: nothing is seen or changed yet. */
  public void begin() {
    rollBack(0);
    newest = 0;
    unit = null;
  }

  /** Begins anew, for a unit that takes the changes over in the end. */
  public void begin(Unit of) {
    begin();
    unit = of;
  }

  /** Gives the changes to the unit. */
  public void giveTo(Unit of) {
    writes.forEach(of::write);
  }

  /** D3, for those who do not commit here. */
  public CompletableFuture<Void> whenSafe() {
    return log.whenDurable(newest);
  }

  /** Up to where the journal must have got before anybody is told. */
  public long newest() {
    return newest;
  }

  /** How many changes there are, for {@link #rollBack}. */
  public int size() {
    return writes.size();
  }

  /** Gives up the changes after the first so many. */
  public void rollBack(int size) {
    if (size < writes.size()) {
      writes.subList(size, writes.size()).clear();
      changed = null;
    }
  }

  // ---- reads ----

  /** The entry, if it has a value; counted. */
  public <K, V> @Nullable Entry<V> find(Space<K, V> space, K key) {
    watch(space, key);
    return writes.isEmpty() ? seen(space.find(key)) : changed(space, key);
  }

  /** The entry, if it has a value; not counted. */
  public <K, V> @Nullable Entry<V> peek(Space<K, V> space, K key) {
    watch(space, key);
    return writes.isEmpty() ? seen(space.peek(key)) : changed(space, key);
  }

  private <K, V> void watch(Space<K, V> space, K key) {
    if (unit != null) {
      unit.watch(space, key);
    }
  }

  /** D3. Nothing to be seen is something that was seen, too. */
  private <V> @Nullable Entry<V> seen(@Nullable Entry<V> entry) {
    if (entry == null) {
      return null;
    }
    newest = Math.max(newest, entry.sequence());
    return entry.value() == null ? null : entry;
  }

  /** D2. */
  @SuppressWarnings("unchecked") // a place's entry is of its space's type
  private <K, V> @Nullable Entry<V> changed(Space<K, V> space, K key) {
    Map<Place, Entry<?>> known = changed;
    if (known == null) {
      known = new HashMap<>();
      changed = known;
      for (Write<?, ?> write : writes) {
        note(write, known);
      }
    }
    Entry<V> entry = (Entry<V>) known.get(new Place(space, key));
    return entry == null ? seen(space.peek(key)) : entry.value() == null ? null : entry;
  }

  @SuppressWarnings("unchecked") // a place's entry is of its space's type
  private static <K, V> void note(Write<K, V> write, Map<Place, Entry<?>> known) {
    Space<K, V> space = write.space();
    K key = write.change().key();
    Place place = new Place(space, key);
    V value = null;
    if (write.change() instanceof Change.Put<K, V> put) {
      Entry<?> noted = known.get(place);
      Entry<V> before = noted == null ? space.peek(key) : (Entry<V>) noted;
      value = space.values().after(Entry.valueOf(before), put.value());
    }
    known.put(place, Entry.of(value, /* sequence= */ 0, write.expiresAt(), Entry.NEVER));
  }

  // ---- changes ----

  /**
   * @param expiresAt in the engine's nanoseconds, or {@link Entry#NEVER}
   */
  public <K, V> void put(Space<K, V> space, K key, V patch, long expiresAt) {
    add(Write.until(space, new Change.Put<>(key, patch), expiresAt));
  }

  public <K, V> void remove(Space<K, V> space, K key) {
    add(new Write<>(space, new Change.Remove<>(key)));
  }

  private void add(Write<?, ?> write) {
    Map<Place, Entry<?>> known = changed;
    if (known != null) {
      note(write, known);
    }
    writes.add(write);
  }

  /**
   * Makes the changes. Under the write lock, and waits for nothing.
   *
   * @return false if there is no room in the journal now: nothing was changed. Who may wait makes
   *     them by a {@link Unit}
   * @throws LimitException if there is no room in the keyspace: nothing was changed
   * @throws io.cachewright.JournalException if the journal has closed: nothing was changed
   */
  public boolean commit() {
    if (writes.isEmpty()) {
      return true;
    }
    long sequence = log.commitNow(writes, unasked -> {});
    newest = Math.max(newest, sequence);
    return sequence >= 0;
  }
}
