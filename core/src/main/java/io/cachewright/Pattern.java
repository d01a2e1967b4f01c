// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.util.Locale;

/** How a keyspace and its store work together. One per keyspace. */
public enum Pattern {
  /** A miss is the application's to load; a write changes the cache only. */
  LOOK_ASIDE,

  /**
   * A miss is loaded; writes go to the store by the application, which then evicts or refreshes.
   */
  READ_THROUGH,

  /** A miss is loaded; a write is committed by the store first and then changes the cache. */
  WRITE_THROUGH,

  /**
   * A miss is loaded; a write changes the cache and the journal now, and the store later, in
   * batches, exactly once.
   */
  WRITE_BEHIND,

  /** The cache is the database: it has all there is, and a write is acknowledged by the journal. */
  RECORD;

  /** As it is written in a configuration: {@code look-aside}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether changes are acknowledged by the journal. */
  public boolean isLogged() {
    return this == WRITE_BEHIND || this == RECORD;
  }

  /** Whether the cache itself is what lasts. */
  public boolean isRecord() {
    return this == RECORD;
  }

  /** Whether a store stands behind. */
  public boolean hasStore() {
    return this != LOOK_ASIDE && this != RECORD;
  }

  /** Whether writes reach the store, at once or later. */
  public boolean writesStore() {
    return this == WRITE_THROUGH || this == WRITE_BEHIND;
  }
}
