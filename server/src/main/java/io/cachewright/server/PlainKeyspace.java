// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.KeyspaceOptions;
import io.cachewright.engine.Entry;
import io.cachewright.engine.Space;
import io.cachewright.engine.Write;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Patch;
import org.jspecify.annotations.Nullable;

/**
 * A keyspace of plain Redis keys: binary-safe, strings and hashes. As {@link PlainKeys} it is what
 * look-aside does: changes are made in memory, at once.
 */
final class PlainKeyspace implements Target, PlainKeys {
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

  /** Whether changes are acknowledged by the journal: then commands need {@link DraftedKeys}. */
  boolean isLogged() {
    return space.isLogged();
  }

  @Override
  public KeyspaceOptions options() {
    return space.options();
  }

  @Override
  public @Nullable Entry<PlainValue> find(Bytes key) {
    return space.find(key);
  }

  @Override
  public @Nullable Entry<PlainValue> peek(Bytes key) {
    return space.peek(key);
  }

  @Override
  public long defaultEnd() {
    return space.expiresAt(Write.DEFAULT_TIME);
  }

  @Override
  public void set(Bytes key, PlainValue value, long expiresAt) {
    space.set(key, value, expiresAt);
  }

  @Override
  public Hash patch(Bytes key, @Nullable Entry<PlainValue> present, Patch patch) {
    Hash next = PlainKeys.hashIn(present).with(patch);
    replace(key, present, next);
    return next;
  }

  @Override
  public boolean remove(Bytes key) {
    return space.evict(key);
  }

  @Override
  public boolean expire(Bytes key, long expiresAt) {
    return space.expire(key, expiresAt);
  }
}
