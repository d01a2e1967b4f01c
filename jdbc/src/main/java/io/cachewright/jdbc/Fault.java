// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.OutcomeUnknownException;
import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;
import java.io.IOException;
import java.net.ConnectException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an error of the database means, and how it is told. Classed by its code, never by its text.
 */
final class Fault {
  private static final int KEYS_SHOWN = 3;

  /** PostgreSQL's driver could not connect. */
  private static final String NO_CONNECTION = "08001";

  enum Kind {
    /** The connection is gone; whether a statement sent on it was executed is not known. */
    LOST,
    /** The connection is gone, and the statement sent on it was surely not executed. */
    LOST_BEFORE,
    /** Someone else was in the way, and the database gave this one up: deadlock, serialization. */
    CONFLICT,
    /** Try again: timeout, too little memory. */
    PASSING,
    /** It will be refused again. */
    REFUSED;

    /** Whether the connection is gone. */
    boolean isLost() {
      return this == LOST || this == LOST_BEFORE;
    }
  }

  private Fault() {}

  static RefusedException refused(Dialect dialect, SQLException error, String what) {
    String code = dialect.codeOf(error);
    return new RefusedException(what + ": " + told(error, code) + Advice.of(code), code, error);
  }

  static StoreAwayException passing(Dialect dialect, SQLException error, String what) {
    String code = dialect.codeOf(error);
    return new StoreAwayException(
        what + ": " + told(error, code) + Advice.of(code) + "; nothing changed, try again", error);
  }

  static OutcomeUnknownException unknown(Dialect dialect, SQLException error, String what) {
    return new OutcomeUnknownException(
        what
            + ": whether the database has committed is not known, read the row to see: "
            + told(error, dialect.codeOf(error)),
        error);
  }

  /** The database's own message on one line, and the code. */
  static String told(SQLException error, String code) {
    String line = message(error).strip().replaceAll("\\s*\\R\\s*", "; ");
    if (code.isEmpty()) {
      return line;
    }
    String first = "[" + code + "] "; // SQLite's driver has it there
    return (line.startsWith(first) ? line.substring(first.length()) : line) + " [" + code + "]";
  }

  /**
   * The database's own message. Why no connection came about PostgreSQL's driver says in the cause
   * only, but for a refused one.
   */
  static String message(SQLException error) {
    String message = error.getMessage() == null ? "" : error.getMessage();
    return NO_CONNECTION.equals(error.getSQLState())
            && error.getCause() instanceof IOException cause
            && !(cause instanceof ConnectException)
        ? message + " (" + cause.getClass().getSimpleName() + ": " + cause.getMessage() + ")"
        : message;
  }

  /** Table and keys, as an error names them: {@code public.users 42, 43, 44 and 7 more}. */
  static String named(Table table, List<?> keys) {
    StringBuilder text = new StringBuilder(table.toString());
    int shown = Math.min(keys.size(), KEYS_SHOWN);
    for (int i = 0; i < shown; i++) {
      text.append(i == 0 ? " " : ", ").append(key(table, keys.get(i)));
    }
    return keys.size() > shown
        ? text.append(" and ").append(keys.size() - shown).append(" more").toString()
        : text.toString();
  }

  private static String key(Table table, @Nullable Object key) {
    try {
      String text = key == null ? "NULL" : table.printKey(key);
      return text.length() <= 60 ? text : text.substring(0, 60) + "…";
    } catch (RuntimeException e) {
      return String.valueOf(
          key); // A key that cannot be shown must not hide the error it is part of.
    }
  }
}
