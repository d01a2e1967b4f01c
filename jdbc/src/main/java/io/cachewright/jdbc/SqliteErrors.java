// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/** What SQLite's result codes mean for the change they are an answer to. */
final class SqliteErrors {
  private static final int BUSY = 5;
  private static final int LOCKED = 6;
  private static final int NOMEM = 7;
  private static final int READONLY = 8;
  private static final int INTERRUPT = 9;
  private static final int IOERR = 10;
  private static final int FULL = 13;
  private static final int CANTOPEN = 14;
  private static final int PROTOCOL = 15;
  private static final int CONSTRAINT = 19;

  /** An extended code: its lowest byte is that of constraints. */
  static final int FOREIGN_KEY = 787;

  /** Not the change's fault: it would succeed once there is room, or the file is writable. */
  private static final Set<Integer> PASSING =
      Set.of(BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL);

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "SQLITE_ERROR"),
          Map.entry(3, "SQLITE_PERM"),
          Map.entry(BUSY, "SQLITE_BUSY"),
          Map.entry(LOCKED, "SQLITE_LOCKED"),
          Map.entry(NOMEM, "SQLITE_NOMEM"),
          Map.entry(READONLY, "SQLITE_READONLY"),
          Map.entry(INTERRUPT, "SQLITE_INTERRUPT"),
          Map.entry(IOERR, "SQLITE_IOERR"),
          Map.entry(11, "SQLITE_CORRUPT"),
          Map.entry(FULL, "SQLITE_FULL"),
          Map.entry(CANTOPEN, "SQLITE_CANTOPEN"),
          Map.entry(FOREIGN_KEY, "SQLITE_CONSTRAINT_FOREIGNKEY"),
          Map.entry(18, "SQLITE_TOOBIG"),
          Map.entry(CONSTRAINT, "SQLITE_CONSTRAINT"),
          Map.entry(20, "SQLITE_MISMATCH"),
          Map.entry(26, "SQLITE_NOTADB"));

  /** Whether rows in another order might be accepted: foreign keys, unique constraints. */
  boolean isOfOrder(SQLException error) {
    return (error.getErrorCode() & 0xff) == CONSTRAINT;
  }

  Fault.Kind kindOf(SQLException error) {
    return PASSING.contains(error.getErrorCode() & 0xff) ? Fault.Kind.PASSING : Fault.Kind.REFUSED;
  }

  /**
   * The name of the result code, {@code SQLITE_CONSTRAINT_UNIQUE}. The driver tells the extended
   * code in a method of its own; from any other driver the first byte of it must do.
   */
  String codeOf(SQLException error) {
    try {
      Object code = error.getClass().getMethod("getResultCode").invoke(error);
      if (code instanceof Enum<?> named) {
        return named.name();
      }
    } catch (ReflectiveOperationException e) {
      // Another driver.
    }
    String extended = NAMES.get(error.getErrorCode());
    int code = error.getErrorCode() & 0xff;
    String known = extended != null ? extended : NAMES.getOrDefault(code, "SQLITE_" + code);
    return code == 0 ? "" : known;
  }
}
