// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Entry;
import io.cachewright.engine.Space;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the keys in the cache: plain ones, and of tables the rows that are cached. What is
 * there from beginning to end is met once. Takes no lock.
 */
final class KeyWalk implements Iterator<KeyWalk.Key> {

  /** A key as Redis has it, and its type as TYPE says it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Key(byte[] name, String type) {}

  private final Iterator<Target> targets;
  private final WallClock clock;
  private Iterator<@Nullable Key> keys = java.util.Collections.emptyIterator();
  private @Nullable Key next;

  KeyWalk(Catalog catalog, WallClock clock) {
    this.targets = catalog.served().iterator();
    this.clock = clock;
  }

  private Iterator<@Nullable Key> keysOf(Target target) {
    if (target instanceof PlainKeyspace plain) {
      return live(
          plain.space(), entry -> new Key(entry.getKey().array(), type(entry.getValue().value())));
    } else if (target instanceof TableKeyspace table) {
      String type = table.format() == Catalog.Format.HASH ? "hash" : "string";
      return live(
          table.space(), entry -> new Key(Bytes.of(table.redisKey(entry.getKey())).array(), type));
    }
    return java.util.Collections.emptyIterator();
  }

  private static String type(@Nullable PlainValue value) {
    return value == null ? "none" : value.type();
  }

  /** The keys of a space; null for entries that are over, or say "no such row". */
  private <K, V> Iterator<@Nullable Key> live(
      Space<K, V> space, Function<Map.Entry<K, Entry<V>>, Key> key) {
    Iterator<Map.Entry<K, Entry<V>>> entries = space.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public @Nullable Key next() {
        Map.Entry<K, Entry<V>> entry = entries.next();
        long end = entry.getValue().expiresAt();
        boolean over = end != Entry.NEVER && end - clock.nanos() <= 0;
        return over || entry.getValue().value() == null ? null : key.apply(entry);
      }
    };
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      if (keys.hasNext()) {
        next = keys.next();
      } else if (targets.hasNext()) {
        keys = keysOf(targets.next());
      } else {
        return false;
      }
    }
    return true;
  }

  @Override
  public Key next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Key key = next;
    next = null;
    return key;
  }
}
