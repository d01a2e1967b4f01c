// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/**
 * A command's answer is this error: a code in capitals, then the reason. Thrown by handlers,
 * without a stack trace, because it is an answer and not a fault.
 */
final class ErrorReply extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ErrorReply(String line) {
    super(line, null, false, false);
  }

  static ErrorReply syntax() {
    return new ErrorReply("ERR syntax error");
  }

  static ErrorReply notAnInteger() {
    return new ErrorReply("ERR value is not an integer or out of range");
  }

  static ErrorReply wrongType() {
    return new ErrorReply("WRONGTYPE Operation against a key holding the wrong kind of value");
  }

  static ErrorReply wrongArity(String command) {
    return new ErrorReply("ERR wrong number of arguments for '" + command + "' command");
  }
}
