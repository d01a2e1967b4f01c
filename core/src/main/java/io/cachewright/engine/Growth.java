// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.ValueType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * By how much a transaction would let a record space grow: what counts against the bounds is what
 * all of its writes leave (P7), and several may be of one key.
 *
 * <p>Under the write lock, for one transaction: nothing else is put meanwhile.
 */
final class Growth<K, V> {
  private final HeldEntries<K, V> entries;
  private final ValueType<V> values;

  /** What the writes so far leave of the keys that they change. */
  private final Map<K, Entry<V>> left = new HashMap<>();

  private long moreBytes;
  private long moreEntries;

  Growth(HeldEntries<K, V> entries, ValueType<V> values) {
    this.entries = entries;
    this.values = values;
    entries.settle(); // what has expired takes no room
  }

  void add(Change<K, V> change) {
    Entry<V> present = left.get(change.key());
    if (present == null) {
      present = entries.get(change.key());
    }
    if (change instanceof Change.Put<K, V> put) {
      leave(put.key(), present, values.after(Entry.valueOf(present), put.value()));
    } else if (present != null) {
      leave(change.key(), present, null); // R2 of Recorded
    }
  }

  private void leave(K key, @Nullable Entry<V> present, @Nullable V value) {
    Entry<V> next = Entry.of(value, /* sequence= */ 0, Entry.NEVER, Entry.NEVER);
    left.put(key, next);
    moreBytes += EntryTable.bytes(next, values);
    if (present == null) {
      moreEntries++;
    } else {
      moreBytes -= EntryTable.bytes(present, values);
    }
  }

  /**
   * @throws io.cachewright.LimitException if there is no room for that
   */
  void check(String keyspace) {
    entries.checkRoom(moreEntries, moreBytes, keyspace);
  }
}
