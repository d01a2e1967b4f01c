// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

/**
 * Notices writes of one key from the moment it is opened: what WATCH and {@code update()} rest on.
 * Evictions and expiries are not writes. Must be closed.
 */
public final class Watch implements AutoCloseable {
  private final Space<?, ?> space;
  private final Object key;

  /** Guarded by the engine's write lock. */
  private boolean touched;

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

  /** Whether the key was written, or a write of it waits for its store. Under the write lock. */
  boolean isOvertaken() {
    return touched || space.isPending(key);
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
