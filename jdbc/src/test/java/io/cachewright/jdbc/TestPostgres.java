// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** A database of its own in a PostgreSQL server that all tests share, on a free port. */
final class TestPostgres extends TestDatabase {
  private static final AtomicInteger databases = new AtomicInteger();

  private final String name;
  private final HikariDataSource pool;

  private TestPostgres(String name) {
    this.name = name;
    this.pool = pool(url(), 4);
  }

  /** Started when first asked for; ends with the JVM. */
  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setPGStartupWait(Duration.ofSeconds(60))
            .setServerConfig("fsync", "off")
            .setServerConfig("max_connections", "100")
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static TestPostgres create() {
    String name = "test" + databases.incrementAndGet();
    try (TestPostgres main = new TestPostgres("postgres")) {
      main.run("create database " + name);
    }
    return new TestPostgres(name);
  }

  static int port() {
    return Server.POSTGRES.getPort();
  }

  String url() {
    return url(port());
  }

  /** By another port: a proxy's. */
  String url(int port) {
    return url(port, "postgres");
  }

  String url(int port, String user) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + name + "?user=" + user;
  }

  static HikariDataSource pool(String url, int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  @Override
  HikariDataSource dataSource() {
    return pool;
  }

  @Override
  public void close() {
    pool.close();
  }
}
