// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.BadValueException;
import io.cachewright.ConfigurationException;
import io.cachewright.ConflictException;
import io.cachewright.JournalException;
import io.cachewright.LimitException;
import io.cachewright.NotAllowedException;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What went wrong as one line of the protocol: a code that programs can tell, then the reason. */
final class Errors {
  private static final Logger log = LoggerFactory.getLogger(Errors.class);

  private Errors() {}

  static Answer answer(Throwable error) {
    String line = line(error);
    return out -> out.error(line);
  }

  static String line(Throwable error) {
    Throwable cause = error;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof ErrorReply) {
      return message;
    } else if (cause instanceof RefusedException refused) {
      return refused(refused.code(), message);
    } else if (cause instanceof StoreAwayException) {
      return "CWAWAY " + message;
    } else if (cause instanceof OutcomeUnknownException) {
      return "CWUNKNOWN " + message;
    } else if (cause instanceof BadValueException) {
      return "CWBADVALUE " + message;
    } else if (cause instanceof NotAllowedException) {
      return "CWNOTALLOWED " + message;
    } else if (cause instanceof LimitException) {
      return "CWLIMIT " + message;
    } else if (cause instanceof ConflictException) {
      return "CWCONFLICT " + message;
    } else if (cause instanceof JournalException) {
      return "CWJOURNAL " + message;
    } else if (cause instanceof ConfigurationException) {
      return "ERR " + message;
    }
    log.error("a command failed", cause);
    return "ERR internal error: " + cause + " (the server's log tells more)";
  }

  /** The code comes first, for programs, and not once more in the message. */
  private static String refused(String code, String message) {
    return code.isEmpty()
        ? "CWREFUSED " + message
        : "CWREFUSED [" + code + "] " + message.replace(" [" + code + "]", "");
  }
}
