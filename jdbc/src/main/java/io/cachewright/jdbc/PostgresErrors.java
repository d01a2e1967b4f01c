// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import java.util.Set;

/** What PostgreSQL's SQLSTATEs mean for the change they are an answer to. */
final class PostgresErrors {
  private static final String CLOSED_BEFORE = "08003";

  /** The server ends the connection: shutdown, crash of another, starting up, database dropped. */
  private static final String ENDS_CONNECTION = "57P";

  /** It does so, too, when a transaction idles (25P03) or lasts (25P04) for too long. */
  private static final Set<String> ENDS_TRANSACTION = Set.of("25P03", "25P04");

  /** A constraint refused at COMMIT is of class 40, but no less final than one of class 23. */
  private static final String DEFERRED_CONSTRAINT = "40002";

  /** Deadlock, serialization failure. */
  private static final String CONFLICT_CLASS = "40";

  private static final Set<String> PASSING_CLASSES =
      Set.of(
          "53", // out of disk, memory, connections
          "58", // the operating system failed
          "28", // login: passwords change, and that is not the change's fault
          "3D"); // no such database: the same

  private static final Set<String> PASSING =
      Set.of(
          "55P03", // lock not available
          "55006", // object in use
          "57014", // cancelled: timeout
          "25006", // read only: a standby, until somebody fails over
          "26000", // no such prepared statement: PgBouncer has changed the server's session
          "42P05"); // there is one of this name: the same

  /** Violated foreign keys, unique and exclusion constraints. */
  private static final Set<String> OF_ORDER = Set.of("23503", "23505", "23P01");

  /** Whether rows in another order might be accepted, or rows taken for new that were there. */
  boolean isOfOrder(SQLException error) {
    return OF_ORDER.contains(codeOf(error));
  }

  Fault.Kind kindOf(SQLException error) {
    String code = codeOf(error);
    if (code.isEmpty()) {
      boolean passing =
          error instanceof SQLTransientException
              || error instanceof SQLRecoverableException
              || error instanceof SQLTimeoutException;
      return passing ? Fault.Kind.PASSING : Fault.Kind.REFUSED;
    } else if (code.startsWith("08")) {
      return code.equals(CLOSED_BEFORE) ? Fault.Kind.LOST_BEFORE : Fault.Kind.LOST;
    } else if (code.startsWith(ENDS_CONNECTION) || ENDS_TRANSACTION.contains(code)) {
      // The server says so where the statement's result would be: it ended the session, and with it
      // the statement, before that was done.
      return Fault.Kind.LOST_BEFORE;
    } else if (code.equals(DEFERRED_CONSTRAINT)) {
      return Fault.Kind.REFUSED;
    } else if (code.startsWith(CONFLICT_CLASS)) {
      return Fault.Kind.CONFLICT;
    }
    boolean passing = PASSING_CLASSES.contains(code.substring(0, 2)) || PASSING.contains(code);
    return passing ? Fault.Kind.PASSING : Fault.Kind.REFUSED;
  }

  String codeOf(SQLException error) {
    String state = Connections.withState(error).getSQLState();
    return state == null ? "" : state;
  }
}
