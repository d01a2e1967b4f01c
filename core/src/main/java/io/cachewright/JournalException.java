// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * The journal or a snapshot is damaged; or the journal has closed for good because its disk failed,
 * and then a write that was waiting may or may not be there after a restart; or a snapshot could
 * not be written, and then nothing is lost.
 */
public final class JournalException extends CacheException {
  private static final long serialVersionUID = 1L;

  public JournalException(String message) {
    this(message, null);
  }

  public JournalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
