// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.Map;

/** What to do about an error, by its code. Only where there is something to say. */
final class Advice {
  private static final Map<String, String> BY_CODE =
      Map.ofEntries(
          Map.entry(
              "42501",
              "grant the database user SELECT; and INSERT, UPDATE and DELETE if it is to write"),
          Map.entry("23502", "name the column, or give it a default in the database"),
          Map.entry("23503", "write the row it refers to first, or remove those that refer to it"),
          Map.entry("42P01", "the table is gone: restart if it was renamed"),
          Map.entry("42703", "the table's columns have changed: restart to read them anew"),
          Map.entry("25006", "the database is read-only now: a standby, perhaps after a failover"),
          Map.entry("28P01", "check user and password"),
          Map.entry("28000", "check user, password and pg_hba.conf"),
          Map.entry("3D000", "check the database's name in the URL"),
          Map.entry("53300", "the database has no connection left: use a smaller pool"),
          Map.entry("57014", "the statement took longer than the query timeout"),
          Map.entry("26000", "behind PgBouncer set prepareThreshold=0 in the JDBC URL"),
          Map.entry("42P05", "behind PgBouncer set prepareThreshold=0 in the JDBC URL"),
          Map.entry("SQLITE_CONSTRAINT_NOTNULL", "name the column, or give it a default"),
          Map.entry(
              "SQLITE_CONSTRAINT_FOREIGNKEY",
              "write the row it refers to first, or remove those that refer to it"),
          Map.entry(
              "SQLITE_BUSY",
              "another process holds the file; a larger busy_timeout of the driver waits longer (of"
                  + " a server: statement-timeout)"),
          Map.entry("SQLITE_READONLY", "make file and folder writable"),
          Map.entry("SQLITE_FULL", "the disk is full: make room"),
          Map.entry("SQLITE_CANTOPEN", "check that file and folder exist and are readable"));

  private Advice() {}

  static String of(String code) {
    String advice = BY_CODE.get(code);
    return advice == null ? "" : "; " + advice;
  }
}
