// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.schema;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.CacheException;
import io.cachewright.Pattern;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.config.KeyspaceSettings;
import io.cachewright.app.config.Origin;
import io.cachewright.app.config.Problem;
import io.cachewright.app.config.Settings;
import io.cachewright.app.serve.Pool;
import io.cachewright.app.serve.Reach;
import io.cachewright.app.serve.Served;
import io.cachewright.app.serve.Tables;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.jdbc.Table;
import io.cachewright.server.Catalog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether configuration and database fit.
 *
 * @param keyspaces that would be served
 * @param notes what is worth knowing and no problem
 */
public record Fit(List<KeyspaceSettings> keyspaces, List<String> notes, List<Problem> problems) {

  /** Compares them. A database that cannot be reached is a problem, too. */
  public static Fit of(Configuration configuration) {
    Optional<DatabaseUrl> url = configuration.get(Settings.DATABASE);
    Fit fit =
        new Fit(new ArrayList<>(configuration.keyspaces()), new ArrayList<>(), new ArrayList<>());
    if (configuration.isLogged()) {
      fit.notes.add(
          "the journal is in "
              + Path.of(configuration.get(Settings.DATA)).toAbsolutePath().normalize()
              + ", durability "
              + configuration.values().show(Settings.DURABILITY));
    }
    if (!configuration.hasStores()) {
      fit.notes.add("no keyspace has a table, so that no database is needed");
    } else if (url.isEmpty()) {
      fit.problem(
          Origin.STANDARD, "no database is named: `database`, CACHEWRIGHT_DATABASE or --database");
    } else {
      fit.compare(configuration, url.get());
    }
    return fit;
  }

  private void compare(Configuration configuration, DatabaseUrl url) {
    Origin where = configuration.values().originOf(Settings.DATABASE);
    Reach reach = Reach.of(configuration, url);
    if (reach instanceof Reach.Refused refused) {
      problem(where, "the database refuses: " + refused.message());
      return;
    } else if (reach instanceof Reach.Away away) {
      problem(
          where,
          "the database cannot be reached, so that tables were not checked: " + away.reason());
      return;
    }
    try (HikariDataSource pool = Pool.open(configuration, url)) {
      JdbcDatabase database = JdbcDatabase.of(pool);
      Tables tables = Tables.find(configuration, database, pool);
      problems.addAll(tables.problems());
      tables.leftOut().forEach(reason -> notes.add("left out: " + reason));
      if (configuration.everyTable()) {
        tables.served().forEach(served -> keyspaces.add(served.settings()));
      }
      List<Written> written = written(tables);
      configuration.keyspaces().stream()
          .filter(KeyspaceSettings::isMirrored)
          .forEach(keyspace -> mirror(keyspace, database, written));
      if (url.kind() == DatabaseUrl.Kind.POSTGRESQL) {
        permissions(pool, written);
      }
      position(configuration, tables, database);
      notes.add(
          "the database was reached; tables that fit their keyspaces: " + tables.served().size());
    } catch (CacheException | SQLException e) {
      problem(where, "the database cannot be read: " + e.getMessage());
    }
  }

  /**
   * A table to which somebody writes.
   *
   * @param by in words
   */
  private record Written(Table table, String by, Origin where) {}

  private static List<Written> written(Tables tables) {
    List<Written> written = new ArrayList<>();
    for (Served each : tables.served()) {
      KeyspaceSettings keyspace = each.settings();
      if (keyspace.pattern().writesStore()) {
        String by = "keyspace " + keyspace.name() + " is " + keyspace.pattern().word() + ", and";
        written.add(new Written(each.store().table(), by, keyspace.tableWhere()));
      }
    }
    return written;
  }

  private void mirror(KeyspaceSettings keyspace, JdbcDatabase database, List<Written> written) {
    String name = "mirror of keyspace " + keyspace.name() + ":";
    try {
      Table table =
          new Catalog.MirrorInto(database, keyspace.mirrorTable(), keyspace.mirror())
              .check(keyspace.name());
      if (table == null) {
        notes.add(name + " there is no table " + keyspace.mirrorTable() + " yet; it can be made");
      } else {
        written.add(new Written(table, name, keyspace.mirrorWhere()));
      }
    } catch (CacheException e) {
      problem(keyspace.mirrorWhere(), name + " " + e.getMessage());
    }
  }

  /** Whether write-behind and mirrors can note how far they have got, all in one table. */
  private void position(Configuration configuration, Tables tables, JdbcDatabase database) {
    Stream<Origin> behind =
        tables.served().stream()
            .map(Served::settings)
            .filter(keyspace -> keyspace.pattern() == Pattern.WRITE_BEHIND)
            .map(KeyspaceSettings::tableWhere);
    Stream<Origin> mirrored =
        configuration.keyspaces().stream()
            .filter(KeyspaceSettings::isMirrored)
            .map(KeyspaceSettings::mirrorWhere);
    Optional<Origin> first = Stream.concat(behind, mirrored).findFirst();
    if (first.isEmpty()) {
      return;
    }
    try {
      database.checkFlushTarget();
    } catch (CacheException e) {
      problem(first.get(), String.valueOf(e.getMessage()));
    }
  }

  /** Without SELECT a table is no keyspace at all, which {@link Tables} has found; so the rest. */
  private void permissions(HikariDataSource pool, List<Written> written) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement ask =
            connection.prepareStatement(
                "select current_user, p from unnest(array['INSERT', 'UPDATE', 'DELETE']) p"
                    + " where not has_table_privilege(format('%I.%I', ?, ?), p)")) {
      for (Written each : written) {
        permissions(ask, each);
      }
    }
  }

  private void permissions(PreparedStatement ask, Written written) throws SQLException {
    Table table = written.table();
    ask.setString(1, table.schema());
    ask.setString(2, table.name());
    List<String> lacking = new ArrayList<>();
    String user = "";
    try (ResultSet result = ask.executeQuery()) {
      while (result.next()) {
        user = result.getString(1);
        lacking.add(result.getString(2));
      }
    }
    if (!lacking.isEmpty()) {
      String rights = String.join(", ", lacking);
      problem(
          written.where(),
          String.format(
              "%s user %s may not %s in %s; grant it: GRANT %s ON %s TO %s",
              written.by(), user, rights, table, rights, table, user));
    }
  }

  private void problem(Origin where, String message) {
    problems.add(new Problem(where, message));
  }
}
