// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.Written;
import org.jspecify.annotations.Nullable;

/**
 * What writes and loads do to a space's table. All of it under the write lock.
 *
 * <p>Every write touches its key, see S2 of {@link Space}.
 */
final class Effects<K, V> {
  private final Space<K, V> space;
  private final EntryTable<K, V> table;
  private final Lifetimes lifetimes;
  private final Doubts<K> doubts;

  Effects(Space<K, V> space, Lifetimes lifetimes) {
    this.space = space;
    this.table = space.table();
    this.lifetimes = lifetimes;
    this.doubts = new Doubts<>(space.engine().clock());
  }

  /** A change that no store sees: all of look-aside, and a remove under read-through. */
  Written<V> applyInMemory(Write<K, V> write) {
    Change<K, V> change = write.change();
    space.metrics().writes.increment();
    if (change instanceof Change.Remove) {
      space.touch(change.key());
      return new Written<>(null, hasValue(table.remove(change.key())));
    }
    Entry<V> present = table.get(change.key());
    boolean existed = present != null && present.value() != null;
    if (change instanceof Change.Insert && present != null && existed) {
      return new Written<>(present.value(), true);
    }
    V value = valueOf(change, present);
    cache(change.key(), value, write.expiresAt(), /* sequence= */ 0);
    space.touch(change.key());
    return new Written<>(value, existed);
  }

  private V valueOf(Change<K, V> change, @Nullable Entry<V> present) {
    if (change instanceof Change.Insert<K, V> insert) {
      return insert.value();
    }
    V patch = ((Change.Put<K, V>) change).value();
    return space.values().after(Entry.valueOf(present), patch);
  }

  /** The store has committed the change: the cache takes what the store made of it. */
  void committed(Write<K, V> write, Written<V> written) {
    K key = write.change().key();
    space.touch(key);
    if (doubts.has(key)) { // a write before this one may come after it yet
      table.remove(key);
      return;
    }
    V value = written.value();
    if (value == null && write.change() instanceof Change.Put<K, V> put) {
      value = space.values().isWhole(put.value()) ? put.value() : null;
    }
    if (write.change() instanceof Change.Remove) {
      cacheNone(key, /* sequence= */ 0);
    } else {
      cache(key, value, write.expiresAt(), /* sequence= */ 0);
    }
  }

  /**
   * P4: perhaps the store has it, perhaps it will have it in a moment. What a load finds before
   * that must not stay, so for a while loads of this key do not fill.
   */
  void outcomeUnknown(K key) {
    space.touch(key);
    table.remove(key);
    doubts.add(key);
  }

  /** What a load found. It fills unless it was overtaken (L2). */
  Entry<V> loaded(K key, @Nullable V found, boolean fills) {
    LoggedBehind<K, V> logged = space.loggedBehind();
    V value = logged == null ? found : logged.over(key, found);
    long sequence = logged == null ? 0 : logged.newest(key);
    boolean mayFill = fills && !doubts.has(key);
    if (fills && !mayFill) {
      table.remove(key); // what a refresh found may be newer than what is there
    }
    if (value == null) {
      return mayFill
          ? cacheNone(key, sequence)
          : Entry.of(null, sequence, Entry.NEVER, Entry.NEVER);
    }
    Entry<V> entry = lifetimes.entry(value, lifetimes.expiresAt(Write.DEFAULT_TIME), sequence);
    if (mayFill) {
      table.put(key, entry);
    }
    return entry;
  }

  /**
   * Caches the key's value, of which nothing newer can be known.
   *
   * @param value null if it is not known: the next read asks
   */
  void cache(K key, @Nullable V value, long expiresAt, long sequence) {
    if (value == null) {
      table.remove(key);
    } else {
      table.put(key, lifetimes.entry(value, expiresAt, sequence));
    }
  }

  /**
   * The store has the key's changes up to this sequence, and has computed what the cache could not:
   * the next read asks, unless a later change is there already, after whose flush it will.
   */
  void computed(K key, long sequence) {
    Entry<V> entry = table.get(key);
    if (entry != null && entry.value() != null && entry.sequence() <= sequence) {
      space.touch(key);
      table.remove(key);
    }
  }

  /** Whether there is an entry that has been given another end. */
  boolean expire(K key, long expiresAt) {
    Entry<V> entry = table.get(key);
    if (entry == null || entry.value() == null) {
      return false;
    }
    Entry<V> next = lifetimes.entry(entry.value(), expiresAt, entry.sequence());
    if (!table.replace(key, entry, next)) {
      return false;
    }
    space.touch(key);
    return true;
  }

  /** Remembers, briefly, that the store has no such key. */
  Entry<V> cacheNone(K key, long sequence) {
    Entry<V> none = lifetimes.none(sequence);
    if (lifetimes.remembersNone()) {
      table.put(key, none);
    } else {
      table.remove(key);
    }
    return none;
  }

  static boolean hasValue(@Nullable Entry<?> entry) {
    return entry != null && entry.value() != null;
  }
}
