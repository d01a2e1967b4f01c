// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import io.cachewright.KeyspaceStats;
import io.cachewright.StoreAwayException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.app.Failure;
import io.cachewright.app.config.BadConfiguration;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.config.KeyspaceSettings;
import io.cachewright.app.config.Listen;
import io.cachewright.app.config.Settings;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.jdbc.JdbcOptions;
import io.cachewright.server.CachewrightServer;
import io.cachewright.server.Catalog;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cache that runs as it is configured.
 *
 * <pre>
 *   configuration ─► reach the database ─┬─ reached ─► tables ─► keyspaces ─┐
 *                                        ├─ away ────► unavailable keyspaces ├─► listen
 *                                        │              (Waiting goes on)   │
 *                                        └─ refused ─► the start fails      ┘
 * </pre>
 *
 * S1 The server listens only when every keyspace is there or is known to be unavailable, so that no
 * client's key is taken for a plain one. (If every table was asked for and the database is away,
 * nobody knows the names: then every key with a colon is refused.)
 *
 * <p>A write-behind keyspace is served from when the database has said how far it has got in the
 * journal: so it is one of those that wait for a database that is away.
 *
 * <p>S2 What waiting cannot mend ends the start; what it can mend never does.
 */
public final class Serving implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Serving.class);

  private final Configuration configuration;
  private final @Nullable HikariDataSource pool;
  private final DataDirectory data;
  private final Cachewright cache;
  private final List<String> forgotten;
  private final CachewrightServer server;
  private final Keyspaces keyspaces;
  private final @Nullable Waiting waiting;
  private final @Nullable Tables tables;

  private Serving(Parts parts, CachewrightServer server, @Nullable Waiting waiting) {
    this.configuration = parts.configuration;
    this.pool = parts.pool;
    this.data = parts.data;
    this.cache = parts.cache;
    this.forgotten = parts.forgotten;
    this.keyspaces = parts.keyspaces;
    this.tables = parts.tables;
    this.server = server;
    this.waiting = waiting;
  }

  /** What has been opened so far, and must be closed if the start fails. */
  private static final class Parts {
    final Configuration configuration;
    final @Nullable HikariDataSource pool;
    final @Nullable DataSource connections;
    final @Nullable JdbcDatabase database;
    final DataDirectory data;
    final Cachewright cache;
    final Catalog catalog;
    final Keyspaces keyspaces;
    List<String> forgotten = List.of();
    @Nullable Tables tables;

    Parts(Configuration configuration, UnaryOperator<DataSource> wrap) {
      this.configuration = configuration;
      Optional<DatabaseUrl> url =
          configuration.get(Settings.DATABASE).filter(any -> configuration.hasStores());
      this.pool = url.map(known -> Pool.open(configuration, known)).orElse(null);
      this.connections = pool == null ? null : wrap.apply(pool);
      this.database =
          connections == null
              ? null
              : JdbcDatabase.of(
                  connections, new JdbcOptions(configuration.get(Settings.STATEMENT_TIMEOUT)));
      try {
        this.data = DataDirectory.open(configuration, database);
      } catch (RuntimeException e) {
        if (pool != null) {
          pool.close();
        }
        throw e;
      }
      this.cache = data.cache();
      this.catalog =
          new Catalog(cache, configuration.plain().pattern(), configuration.plain().options());
      this.keyspaces = new Keyspaces(cache, catalog);
    }

    void close() {
      cache.close();
      if (pool != null) {
        pool.close();
      }
    }
  }

  /**
   * Starts.
   *
   * @throws Failure if the database refuses, or the port is taken
   * @throws BadConfiguration if a keyspace does not fit the database
   */
  public static Serving start(Configuration configuration) {
    return start(configuration, UnaryOperator.identity());
  }

  /** As {@link #start(Configuration)}, with something between pool and cache. */
  public static Serving start(Configuration configuration, UnaryOperator<DataSource> wrap) {
    return start(configuration, wrap, List.of());
  }

  /** As {@link #start(Configuration)}, dropping what waits in the journal of some keyspaces. */
  public static Serving start(Configuration configuration, List<String> forget) {
    return start(configuration, UnaryOperator.identity(), forget);
  }

  private static Serving start(
      Configuration configuration, UnaryOperator<DataSource> wrap, List<String> forget) {
    Reach reach =
        configuration
            .get(Settings.DATABASE)
            .filter(any -> configuration.hasStores())
            .map(url -> Reach.of(configuration, url))
            .orElseGet(Reach.Reached::new);
    if (reach instanceof Reach.Refused refused) {
      throw Failure.failed("the database refuses: " + refused.message());
    } else if (reach instanceof Reach.Away away && !forget.isEmpty()) {
      throw nothingForgotten(away.reason());
    }
    Parts parts = new Parts(configuration, wrap);
    try {
      return start(parts, reach instanceof Reach.Away away ? away.reason() : null, forget);
    } catch (RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static Serving start(Parts parts, @Nullable String away, List<String> forget) {
    String reason = away == null ? findTables(parts, forget) : away;
    for (KeyspaceSettings keyspace : parts.configuration.keyspaces()) {
      if (!keyspace.pattern().hasStore()) {
        addPlain(parts, keyspace);
      }
    }
    reason = reason == null ? openTables(parts) : reason;
    Waiting waiting = null;
    if (reason != null && parts.database != null && parts.connections != null) {
      waiting =
          new Waiting(
              new Waiting.Database(parts.configuration, parts.database, parts.connections),
              parts.keyspaces,
              parts.data);
      waiting.begin(reason);
    }
    CachewrightServer server = listen(parts);
    if (waiting != null) {
      waiting.start();
    }
    return new Serving(parts, server, waiting);
  }

  private static void addPlain(Parts parts, KeyspaceSettings keyspace) {
    JdbcDatabase database = parts.database;
    if (keyspace.isMirrored() && database != null) {
      parts.catalog.addMirrored(
          keyspace.name(),
          keyspace.options(),
          new Catalog.MirrorInto(database, keyspace.mirrorTable(), keyspace.mirror()));
    } else {
      parts.catalog.addPlain(keyspace.name(), keyspace.pattern(), keyspace.options());
    }
  }

  /**
   * All that can end the start, before anything is opened: a mirror would make its table. Answers
   * why not, if the database has gone away meanwhile.
   */
  private static @Nullable String findTables(Parts parts, List<String> forget) {
    try {
      Tables tables = null;
      if (parts.database != null && parts.connections != null) {
        tables = Tables.find(parts.configuration, parts.database, parts.connections);
        if (!tables.problems().isEmpty()) {
          throw new BadConfiguration(tables.problems());
        }
      }
      parts.forgotten = parts.data.forget(forget, tables);
      String left = parts.data.left(tables);
      if (left != null) {
        throw Failure.wrongUse(left);
      }
      parts.tables = tables;
      return null;
    } catch (StoreAwayException e) {
      if (parts.forgotten.isEmpty() && !forget.isEmpty()) {
        throw nothingForgotten(String.valueOf(e.getMessage()));
      }
      return e.getMessage();
    }
  }

  private static Failure nothingForgotten(String reason) {
    return Failure.failed(
        "nothing was forgotten: the database must say first which changes it has, and it cannot"
            + " be reached: "
            + reason);
  }

  /** Answers why not, if the database has gone away meanwhile. */
  private static @Nullable String openTables(Parts parts) {
    try {
      if (parts.tables != null) {
        parts.tables.served().forEach(parts.keyspaces::open);
      }
      return null;
    } catch (StoreAwayException e) {
      parts.tables = null;
      return e.getMessage();
    }
  }

  private static CachewrightServer listen(Parts parts) {
    Listen listen = parts.configuration.get(Settings.LISTEN);
    try {
      return CachewrightServer.builder(parts.catalog)
          .host(listen.host())
          .port(listen.port())
          .password(parts.configuration.get(Settings.CLIENT_PASSWORD).orElse(null))
          .start();
    } catch (ConfigurationException e) {
      throw Failure.failed(e.getMessage() + ": --listen, or `listen` in the configuration", e);
    }
  }

  public Configuration configuration() {
    return configuration;
  }

  /** What is served; null while the database has not been reached. */
  public @Nullable Tables tables() {
    return waiting == null ? tables : waiting.tables();
  }

  /** What has happened in a keyspace over a table; null if there is none of this name. */
  public @Nullable KeyspaceStats stats(String keyspace) {
    return keyspaces.stats(keyspace);
  }

  /** Where the journal is; null if there is none. */
  public @Nullable Path journal() {
    return data.journal();
  }

  /** What waited in the journal and was dropped, as was asked for. */
  public List<String> forgotten() {
    return forgotten;
  }

  public int port() {
    return server.port();
  }

  private long changesThatWait() {
    return cache.writeBehind().stream().mapToLong(WriteBehindStatus::changes).sum();
  }

  /** As {@link #close}, and says what becomes of changes that wait. */
  public void stop() {
    long changes = changesThatWait();
    String drain = configuration.values().show(Settings.DRAIN);
    if (changes > 0) {
      log.info("changes that wait: {}; they are flushed now, for at most {}", changes, drain);
    } else if (cache.writeBehind().stream().anyMatch(WriteBehindStatus::needsCopy)) {
      log.info("a mirror's table is to be copied whole; that is waited for, at most {}", drain);
    }
    Set<String> unopened = data.unopened();
    close();
    if (changes > 0 && changesThatWait() == 0) {
      log.info("the database has all of them");
    }
    if (!unopened.isEmpty()) {
      log.warn("changes of {} wait in the journal for their keyspace to be opened", unopened);
    }
  }

  /**
   * Closes in the order that lets everything begun come to its end. What waits in the journal is
   * flushed, for at most {@code drain}.
   */
  @Override
  public void close() {
    if (waiting != null) {
      waiting.close();
    }
    server.close();
    cache.close();
    if (pool != null) {
      pool.close();
    }
  }
}
