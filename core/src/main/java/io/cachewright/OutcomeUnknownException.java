// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * The connection was lost while the store was committing: the change may or may not be there. The
 * entry has left the cache, so that the next read asks the store.
 */
public final class OutcomeUnknownException extends CacheException {
  private static final long serialVersionUID = 1L;

  public OutcomeUnknownException(String message) {
    this(message, null);
  }

  public OutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
