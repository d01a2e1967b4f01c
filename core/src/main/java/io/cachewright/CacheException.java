// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * Every error that Cachewright itself reports. The kinds are closed, so that a caller can tell what
 * to do: try again ({@link StoreAwayException}, {@link LimitException}, {@link ConflictException}),
 * look ({@link OutcomeUnknownException}), mend the call ({@link RefusedException}, {@link
 * BadValueException}, {@link NotAllowedException}, {@link ConfigurationException}), or mend the
 * disk ({@link JournalException}).
 */
public abstract sealed class CacheException extends RuntimeException
    permits BadValueException,
        ConfigurationException,
        ConflictException,
        JournalException,
        LimitException,
        NotAllowedException,
        OutcomeUnknownException,
        RefusedException,
        StoreAwayException {
  private static final long serialVersionUID = 1L;

  CacheException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
