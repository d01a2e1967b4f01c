// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Why a command ends without having done what was asked. The message is what the user reads: what,
 * where, and what to do.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** All went well. */
  public static final int OK = 0;

  /** Something failed while it ran: no database, a port that is taken. */
  public static final int FAILED = 1;

  /** Wrong options, or a configuration that cannot be used: it will fail again as it is. */
  public static final int WRONG_USE = 2;

  private final int exitCode;

  private Failure(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public static Failure failed(String message) {
    return new Failure(FAILED, message, null);
  }

  public static Failure failed(String message, Throwable cause) {
    return new Failure(FAILED, message, cause);
  }

  public static Failure wrongUse(String message) {
    return new Failure(WRONG_USE, message, null);
  }

  public static Failure wrongUse(String message, Throwable cause) {
    return new Failure(WRONG_USE, message, cause);
  }

  /**
   * Why a file cannot be used, in words: of the commonest the exception says no more than the name.
   */
  public static String reason(IOException error) {
    if (error instanceof NoSuchFileException) {
      return "there is no such file or directory";
    } else if (error instanceof AccessDeniedException) {
      return "this user has no permission";
    }
    return error instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : error.toString();
  }

  public int exitCode() {
    return exitCode;
  }
}
