// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import org.jspecify.annotations.Nullable;

/**
 * Notices writes of one key from the moment it is opened: what WATCH and {@code update()} rest on.
 * Evictions and expiries are not writes. Must be closed.
 */
public final class Watch implements AutoCloseable {
  private final Space<?, ?> space;
  private final Object key;

  /** Guarded by the engine's write lock. */
  private boolean touched;

  /** What was read, if it must not have expired by the time of the commit; else null. */
  private @Nullable Entry<?> lasting;

  Watch(Space<?, ?> space, Object key) {
    this.space = space;
    this.key = key;
  }

  Object key() {
    return key;
  }

  Space<?, ?> space() {
    return space;
  }

  /** Under the write lock. */
  void touch() {
    touched = true;
  }

  /** Before the commit: is to be overtaken by the end of this entry as well. */
  void untilEndOf(Entry<?> entry) {
    lasting = entry;
  }

  /** Whether the key was written, or a write of it waits for its store. Under the write lock. */
  boolean isOvertaken() {
    return touched || isOver() || space.isPending(key);
  }

  private boolean isOver() {
    return lasting != null && lasting.isExpired(space.engine().clock());
  }

  /** Whether the key was written since the watch was opened. */
  public boolean isTouched() {
    return space.engine().locked(() -> touched);
  }

  @Override
  public void close() {
    space.closeWatch(this);
  }
}
