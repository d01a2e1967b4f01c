// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * A bound was reached. The message names the bound and its size. Nothing changed; try again later
 * or raise it.
 */
public final class LimitException extends CacheException {
  private static final long serialVersionUID = 1L;

  public LimitException(String message) {
    this(message, null);
  }

  public LimitException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
