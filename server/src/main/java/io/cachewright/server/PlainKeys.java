// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.KeyspaceOptions;
import io.cachewright.engine.Entry;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Patch;
import io.cachewright.server.PlainValue.Text;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a plain keyspace as a command sees and changes them: {@link PlainKeyspace} itself,
 * or, where the journal is to know, {@link DraftedKeys}.
 *
 * <p>What reads and then writes is atomic because {@code WRITES} commands run under the engine's
 * write lock.
 */
interface PlainKeys {
  KeyspaceOptions options();

  /** The entry; counted as a hit or a miss. */
  @Nullable Entry<PlainValue> find(Bytes key);

  /** The entry; not counted. */
  @Nullable Entry<PlainValue> peek(Bytes key);

  /** When an entry expires of which the command says nothing, in the engine's nanoseconds. */
  long defaultEnd();

  /**
   * Sets a value.
   *
   * @param expiresAt in the engine's nanoseconds, or {@link Entry#NEVER}
   */
  void set(Bytes key, PlainValue value, long expiresAt);

  /** Changes the hash that is there, or nothing, and keeps its expiry; answers what it is then. */
  Hash patch(Bytes key, @Nullable Entry<PlainValue> present, Patch patch);

  /** Whether it was there. */
  boolean remove(Bytes key);

  /** Gives the entry another end; answers whether it is there. */
  boolean expire(Bytes key, long expiresAt);

  /** Sets a value that expires as the keyspace says. */
  default void set(Bytes key, PlainValue value) {
    set(key, value, defaultEnd());
  }

  /** Sets a value in the place of an entry, whose expiry it keeps. */
  default void replace(Bytes key, @Nullable Entry<PlainValue> present, PlainValue value) {
    set(key, value, present == null ? defaultEnd() : present.expiresAt());
  }

  default @Nullable PlainValue value(Bytes key) {
    Entry<PlainValue> entry = find(key);
    return entry == null ? null : entry.value();
  }

  /**
   * The string; null if there is none.
   *
   * @throws ErrorReply if the value is not a string
   */
  default byte @Nullable [] text(Bytes key) {
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
   * The hash; null if there is none.
   *
   * @throws ErrorReply if the value is not a hash
   */
  default @Nullable Hash hash(Bytes key) {
    return hashOf(value(key));
  }

  static @Nullable Hash hashOf(@Nullable PlainValue value) {
    if (value == null) {
      return null;
    } else if (value instanceof Hash hash) {
      return hash;
    }
    throw ErrorReply.wrongType();
  }

  /**
   * The hash of an entry; an empty one if there is none.
   *
   * @throws ErrorReply if the value is not a hash
   */
  static Hash hashIn(@Nullable Entry<PlainValue> present) {
    Hash hash = present == null ? null : hashOf(present.value());
    return hash == null ? Hash.EMPTY : hash;
  }
}
