// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * A key or value that its keyspace cannot hold: unknown column, wrong type, too long, missing.
 * Nothing changed.
 */
public final class BadValueException extends CacheException {
  private static final long serialVersionUID = 1L;

  public BadValueException(String message) {
    this(message, null);
  }

  public BadValueException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
