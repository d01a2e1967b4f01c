// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.schema;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.app.Failure;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.serve.Pool;
import io.cachewright.app.serve.Reach;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.jdbc.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The tables of a database.
 *
 * @param home the schema whose tables need no schema in their name
 */
public record Schema(String home, List<Table> tables) {

  /**
   * Reads it.
   *
   * @throws Failure if the database cannot be reached
   */
  public static Schema read(Configuration configuration, DatabaseUrl url) {
    Reach reach = Reach.of(configuration, url);
    if (reach instanceof Reach.Refused refused) {
      throw Failure.failed("the database refuses: " + refused.message());
    } else if (reach instanceof Reach.Away away) {
      throw Failure.failed("the database cannot be reached: " + away.reason());
    }
    try (HikariDataSource pool = Pool.open(configuration, url);
        Connection connection = pool.getConnection()) {
      String home = connection.getSchema();
      return new Schema(home == null ? "main" : home, List.copyOf(JdbcDatabase.of(pool).tables()));
    } catch (SQLException e) {
      throw Failure.failed("the database cannot be read: " + e.getMessage(), e);
    }
  }

  /** Tables that a keyspace can be laid over. */
  public List<Table> usable() {
    return tables.stream().filter(table -> table.unusable() == null).toList();
  }

  public List<Table> unusable() {
    return tables.stream().filter(table -> table.unusable() != null).toList();
  }

  /** The table's name as a configuration needs it. */
  public String nameOf(Table table) {
    return table.schema().equals(home)
        ? quoted(table.name())
        : quoted(table.schema()) + "." + quoted(table.name());
  }

  private static String quoted(String name) {
    return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
