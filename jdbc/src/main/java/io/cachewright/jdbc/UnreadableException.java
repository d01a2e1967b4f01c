// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

/**
 * The database has made a change and answered with a row that cannot be read here. In autocommit
 * mode the change is committed by then.
 */
final class UnreadableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableException(Exception cause) {
    super("what the database answered cannot be read: " + cause, cause);
  }
}
