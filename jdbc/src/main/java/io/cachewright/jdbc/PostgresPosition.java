// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.ConfigurationException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Where PostgreSQL notes positions. */
final class PostgresPosition {
  private static final String POSITION =
      """
      select coalesce(n.nspname, current_schema()), n.nspname is not null, current_user
      from (select to_regclass('cachewright_position') as oid) found
        left join pg_class c on c.oid = found.oid
        left join pg_namespace n on n.oid = c.relnamespace
      """;

  /** The first to have {@code plan_cache_mode}. */
  private static final int VERSION_WITH_PLAN_CACHE_MODE = 12;

  private PostgresPosition() {}

  /** Where unqualified names find it; else where they would make it. */
  static PositionTable table(Session session) throws SQLException {
    try (PreparedStatement statement = session.prepare(POSITION);
        ResultSet result = session.query(statement)) {
      result.next();
      String schema = result.getString(1);
      if (schema == null) {
        throw new ConfigurationException(
            "there is no schema in which the table cachewright_position could be made: set the"
                + " connection's search_path to one that is there");
      }
      String name = Sql.shown(schema, "cachewright_position");
      // A table that was small when its plan was made is read whole by it when it no longer is.
      boolean plans =
          session.connection().getMetaData().getDatabaseMajorVersion()
              >= VERSION_WITH_PLAN_CACHE_MODE;
      return new PositionTable(
          name,
          result.getBoolean(2),
          PositionTable.create(name, "timestamptz"),
          "grant select, insert, update on " + name + " to " + Sql.plain(result.getString(3)),
          plans ? "set_config('plan_cache_mode', 'force_custom_plan', true)" : "1");
    }
  }
}
