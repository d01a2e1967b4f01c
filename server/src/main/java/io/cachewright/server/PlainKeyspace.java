// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Entry;
import io.cachewright.engine.Space;
import io.cachewright.engine.Write;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Text;
import org.jspecify.annotations.Nullable;

/**
 * A keyspace of plain Redis keys: look-aside, binary-safe, strings and hashes.
 *
 * <p>What reads and then writes is atomic because its caller holds the engine's write lock
 * meanwhile: {@code WRITES} and {@code LOCKED} commands run under it.
 */
final class PlainKeyspace implements Target {
  private final Space<Bytes, PlainValue> space;

  PlainKeyspace(Space<Bytes, PlainValue> space) {
    this.space = space;
  }

  @Override
  public String name() {
    return space.name();
  }

  Space<Bytes, PlainValue> space() {
    return space;
  }

  /** The entry; counted as a hit or a miss. */
  @Nullable Entry<PlainValue> find(Bytes key) {
    return space.find(key);
  }

  @Nullable PlainValue value(Bytes key) {
    Entry<PlainValue> entry = space.find(key);
    return entry == null ? null : entry.value();
  }

  /**
   * The string; null if there is none.
   *
   * @throws ErrorReply if the value is not a string
   */
  byte @Nullable [] text(Bytes key) {
    return textOf(value(key));
  }

  static byte @Nullable [] textOf(@Nullable PlainValue value) {
    if (value == null) {
      return null;
    } else if (value instanceof Text text) {
      return text.value();
    }
    throw ErrorReply.wrongType();
  }

  /**
   * The hash; null if there is none. Under the write lock.
   *
   * @throws ErrorReply if the value is not a hash
   */
  @Nullable Hash hash(Bytes key) {
    PlainValue value = value(key);
    if (value == null) {
      return null;
    } else if (value instanceof Hash hash) {
      return hash;
    }
    throw ErrorReply.wrongType();
  }

  /** Sets a value that expires as the keyspace says. */
  void set(Bytes key, PlainValue value) {
    space.set(key, value, space.expiresAt(Write.DEFAULT_TIME));
  }

  void set(Bytes key, PlainValue value, long expiresAt) {
    space.set(key, value, expiresAt);
  }

  /** Sets a value in the place of an entry, whose expiry it keeps. */
  void replace(Bytes key, @Nullable Entry<PlainValue> present, PlainValue value) {
    if (present == null) {
      set(key, value);
    } else {
      space.set(key, value, present.expiresAt());
    }
  }

  boolean remove(Bytes key) {
    return space.evict(key);
  }
}
