// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.app.Failure;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Connections as they are configured: a pool of them, or one. */
public final class Pool {
  private static final int IDLE = 2;

  private Pool() {}

  /** A pool that does not connect yet, and whose waits are short, so that writes fail fast (P8). */
  public static HikariDataSource open(Configuration configuration, DatabaseUrl url) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("cachewright");
    pool.setJdbcUrl(url.jdbc());
    pool.setDataSourceProperties(properties(configuration, url));
    int size = Math.toIntExact(configuration.get(Settings.POOL_SIZE));
    pool.setMaximumPoolSize(size);
    pool.setMinimumIdle(Math.min(IDLE, size));
    pool.setConnectionTimeout(configuration.get(Settings.CONNECT_TIMEOUT).toMillis());
    pool.setValidationTimeout(
        Math.min(configuration.get(Settings.CONNECT_TIMEOUT).toMillis(), 5_000));
    pool.setInitializationFailTimeout(-1);
    return new HikariDataSource(pool);
  }

  /** One connection, without a pool. */
  public static Connection connect(Configuration configuration, DatabaseUrl url)
      throws SQLException {
    return DriverManager.getConnection(url.jdbc(), properties(configuration, url));
  }

  /** What the driver is told. A parameter in the URL goes before one of these. */
  private static Properties properties(Configuration configuration, DatabaseUrl url) {
    Properties properties = new Properties();
    Duration statement = configuration.get(Settings.STATEMENT_TIMEOUT);
    if (url.kind() == DatabaseUrl.Kind.SQLITE) {
      properties.setProperty("busy_timeout", Long.toString(statement.toMillis()));
      properties.setProperty("foreign_keys", "true");
      return properties;
    }
    configuration
        .get(Settings.USER)
        .or(url::user)
        .ifPresent(user -> properties.setProperty("user", user));
    password(configuration, url)
        .ifPresent(password -> properties.setProperty("password", password));
    long connect = Math.max(1, configuration.get(Settings.CONNECT_TIMEOUT).toSeconds());
    properties.setProperty("ApplicationName", "cachewright");
    properties.setProperty("connectTimeout", Long.toString(connect));
    properties.setProperty("loginTimeout", Long.toString(connect));
    // Later than the statement's own timeout: this one is for a network that swallows packets.
    properties.setProperty("socketTimeout", Long.toString(statement.toSeconds() + 5));
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  private static Optional<String> password(Configuration configuration, DatabaseUrl url) {
    Optional<String> file = configuration.get(Settings.PASSWORD_FILE);
    boolean fileFirst =
        configuration.values().originOf(Settings.PASSWORD_FILE).rank()
            > configuration.values().originOf(Settings.PASSWORD).rank();
    return file.isPresent() && fileFirst
        ? file.map(Pool::firstLine)
        : configuration.get(Settings.PASSWORD).or(url::password);
  }

  private static String firstLine(String file) {
    try {
      List<String> lines = Files.readAllLines(Path.of(file));
      return lines.isEmpty() ? "" : lines.get(0);
    } catch (IOException e) {
      throw new io.cachewright.ConfigurationException(
          "password-file " + file + ": " + Failure.reason(e), e);
    }
  }
}
