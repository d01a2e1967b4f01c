// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.KeyspaceOptions;
import io.cachewright.engine.Draft;
import io.cachewright.engine.Entry;
import io.cachewright.engine.Space;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Patch;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a plain keyspace as a command sees and changes them whose changes are to be logged
 * together.
 *
 * <p>Of a hash only what changes is logged, to be laid over what is there. But the journal has the
 * time of day, and that is set now and then: of a hash that is about to expire, what a replay finds
 * may have expired by it. So then all of it is logged, unless it is large.
 */
record DraftedKeys(PlainKeyspace keyspace, Draft draft) implements PlainKeys {
  private static final long ABOUT_TO_EXPIRE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int LARGE_BYTES = 64 << 10;
  private static final Patch NO_CHANGE = new Patch(Map.of());

  private Space<Bytes, PlainValue> space() {
    return keyspace.space();
  }

  @Override
  public KeyspaceOptions options() {
    return keyspace.options();
  }

  @Override
  public @Nullable Entry<PlainValue> find(Bytes key) {
    return draft.find(space(), key);
  }

  @Override
  public @Nullable Entry<PlainValue> peek(Bytes key) {
    return draft.peek(space(), key);
  }

  @Override
  public long defaultEnd() {
    return keyspace.defaultEnd();
  }

  @Override
  public void set(Bytes key, PlainValue value, long expiresAt) {
    draft.put(space(), key, value, expiresAt);
  }

  @Override
  public Hash patch(Bytes key, @Nullable Entry<PlainValue> present, Patch patch) {
    Hash next = PlainKeys.hashIn(present).with(patch);
    long end = present == null ? defaultEnd() : present.expiresAt();
    draft.put(space(), key, isWhole(present, next) ? next : patch, end);
    return next;
  }

  private boolean isWhole(@Nullable Entry<PlainValue> present, PlainValue next) {
    return present == null
        || (present.expiresAt() != Entry.NEVER
            && present.expiresAt() - space().engine().clock().nanos() < ABOUT_TO_EXPIRE_NANOS
            && next.bytes() < LARGE_BYTES);
  }

  @Override
  public boolean remove(Bytes key) {
    if (peek(key) == null) {
      return false;
    }
    draft.remove(space(), key);
    return true;
  }

  @Override
  public boolean expire(Bytes key, long expiresAt) {
    Entry<PlainValue> present = peek(key);
    PlainValue value = present == null ? null : present.value();
    if (value == null) {
      return false;
    }
    boolean small = !(value instanceof Hash) || isWhole(present, value);
    draft.put(space(), key, small ? value : NO_CHANGE, expiresAt);
    return true;
  }
}
