// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/**
 * What was received is not the Redis protocol, or is larger than a limit. Where the next command
 * begins is not known any more, so the connection is told and closed.
 */
final class ProtocolError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ProtocolError(String what) {
    super("ERR Protocol error: " + what, null, false, false);
  }
}
