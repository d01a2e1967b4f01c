// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import io.cachewright.ConfigurationException;
import io.cachewright.jdbc.TableName;
import java.util.Locale;

/**
 * What two names of tables have in common that may be one table, as far as can be said without the
 * database: {@code m}, {@code M} and {@code public.m}. Without a schema it is taken to be the usual
 * one.
 */
final class TableIdentity {
  private TableIdentity() {}

  /** What is no name at all is its own: that is told when the table is looked for. */
  static String of(String written, boolean sqlite) {
    TableName name;
    try {
      name = TableName.parse(written);
    } catch (ConfigurationException e) {
      return written;
    }
    TableName.Part given = name.schema();
    String schema = given != null ? given.made() : sqlite ? "main" : "public";
    String identity = schema + "\n" + name.table().made();
    return sqlite ? identity.toLowerCase(Locale.ROOT) : identity;
  }
}
