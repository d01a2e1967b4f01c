// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import org.jspecify.annotations.Nullable;

/**
 * What the entry table holds of a key: its value, or that it has none. Immutable but for {@link
 * #view}.
 */
public final class Entry<V> {
  /** The time of what never happens, in the engine's nanoseconds. */
  public static final long NEVER = Long.MAX_VALUE;

  private final @Nullable V value;
  private final long sequence;
  private final long expiresAt;
  private final long refreshAt;

  /*
   * What a lens made of the value, kept so that a hit makes it once. Written without a fence:
   * readers may see null and make it again. What they see otherwise is whole, because views are
   * immutable objects whose fields are final (records).
   */
  @Nullable Object view;

  Entry(@Nullable V value, long sequence, long expiresAt, long refreshAt) {
    this.value = value;
    this.sequence = sequence;
    this.expiresAt = expiresAt;
    this.refreshAt = refreshAt;
  }

  /** The value; null: the store has none, which is remembered. */
  public @Nullable V value() {
    return value;
  }

  /** The number of the write or load that made this entry: higher is later. */
  public long sequence() {
    return sequence;
  }

  /** When it leaves the cache, in the engine's nanoseconds, or {@link #NEVER}. */
  public long expiresAt() {
    return expiresAt;
  }

  /** From when on a read loads it again in the background, or {@link #NEVER}. */
  long refreshAt() {
    return refreshAt;
  }

  /** Only entries that can expire need to know the time: the others cost no clock call. */
  boolean isExpired(Clock clock) {
    return expiresAt != NEVER && expiresAt - clock.nanos() <= 0;
  }
}
