// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * The store cannot be reached, or asks to be tried again (connection, deadlock, timeout). A failed
 * write changed nothing, neither in the store nor in the cache.
 */
public final class StoreAwayException extends CacheException {
  private static final long serialVersionUID = 1L;

  public StoreAwayException(String message) {
    this(message, null);
  }

  public StoreAwayException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
