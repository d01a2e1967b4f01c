// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * The store refuses for good: a constraint, a bad value, a missing permission. Nothing changed,
 * neither in the store nor in the cache.
 */
public final class RefusedException extends CacheException {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * @param code the store's own class of error: SQLSTATE for a SQL database (SQLite: its result
   *     code), empty if the store has none
   */
  public RefusedException(String message, String code, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The store's own class of error: SQLSTATE for a SQL database; empty if the store has none. */
  public String code() {
    return code;
  }
}
