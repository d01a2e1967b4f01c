// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import org.jspecify.annotations.Nullable;

/**
 * What the entry table holds of a key: its value, or that it has none. Immutable but for {@link
 * #view}.
 *
 * <p>Most entries never expire and are in no log; such an entry is half as large, since the
 * processor's caches decide what a hit costs.
 */
public sealed class Entry<V> {
  /** The time of what never happens, in the engine's nanoseconds. */
  public static final long NEVER = Long.MAX_VALUE;

  /*
   * What a lens made of the value, kept so that a hit makes it once. Written without a fence:
   * readers may see null and make it again. What they see otherwise is whole, because views are
   * immutable objects whose fields are final (records).
   *
   * The first field, since collectors that copy put next to an object what its first field refers
   * to: a hit looks at the view if there is one, and behind the value there may be a whole row.
   */
  @Nullable Object view;

  private final @Nullable V value;

  private Entry(@Nullable V value) {
    this.value = value;
  }

  /**
   * An entry.
   *
   * @param sequence the number of the logged write that made it; 0: of one that is not logged
   * @param expiresAt in the engine's nanoseconds, or {@link #NEVER}
   * @param refreshAt in the engine's nanoseconds, or {@link #NEVER}
   */
  static <V> Entry<V> of(@Nullable V value, long sequence, long expiresAt, long refreshAt) {
    return sequence == 0 && expiresAt == NEVER && refreshAt == NEVER
        ? new Entry<>(value)
        : new Dated<>(value, sequence, expiresAt, refreshAt);
  }

  /** That the store has no such key. */
  static <V> Entry<V> none() {
    return new Entry<>(null);
  }

  /** The value of an entry, if there is one, and if that has any. */
  static <V> @Nullable V valueOf(@Nullable Entry<V> entry) {
    return entry == null ? null : entry.value();
  }

  /** The value; null: the store has none, which is remembered. */
  public @Nullable V value() {
    return value;
  }

  /** The number of the logged write that made this entry: higher is later. 0: it is not logged. */
  public long sequence() {
    return 0;
  }

  /** When it leaves the cache, in the engine's nanoseconds, or {@link #NEVER}. */
  public long expiresAt() {
    return NEVER;
  }

  /** From when on a read loads it again in the background, or {@link #NEVER}. */
  long refreshAt() {
    return NEVER;
  }

  /** Only entries that can expire need to know the time: the others cost no clock call. */
  boolean isExpired(Clock clock) {
    return false;
  }

  /** One that is in a log, or that will leave. */
  private static final class Dated<V> extends Entry<V> {
    private final long sequence;
    private final long expiresAt;
    private final long refreshAt;

    Dated(@Nullable V value, long sequence, long expiresAt, long refreshAt) {
      super(value);
      this.sequence = sequence;
      this.expiresAt = expiresAt;
      this.refreshAt = refreshAt;
    }

    @Override
    public long sequence() {
      return sequence;
    }

    @Override
    public long expiresAt() {
      return expiresAt;
    }

    @Override
    long refreshAt() {
      return refreshAt;
    }

    @Override
    boolean isExpired(Clock clock) {
      return expiresAt != NEVER && expiresAt - clock.nanos() <= 0;
    }
  }
}
