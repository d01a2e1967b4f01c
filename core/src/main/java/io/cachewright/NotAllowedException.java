// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * An operation that the keyspace's pattern does not have, such as a put under read-through. Nothing
 * changed.
 */
public final class NotAllowedException extends CacheException {
  private static final long serialVersionUID = 1L;

  public NotAllowedException(String message) {
    this(message, null);
  }

  public NotAllowedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
