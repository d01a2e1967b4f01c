// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.StoreAwayException;
import io.cachewright.WriteBehindOptions;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.server.CachewrightServer;
import io.cachewright.server.Catalog;
import io.cachewright.server.Catalog.Format;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The main class of the process that is killed: a server of the tables of {@link CrashModel},
 * write-behind, and of record keys. It prints its port once it listens. The line {@code quit} has
 * it flush and end; the end of its input ends it at once, so that it never outlives its parent.
 */
final class Victim {
  private static final Duration DRAIN = Duration.ofSeconds(60);
  private static final int POOL = 4;
  private static final List<String> TABLES =
      List.of(CrashModel.NOTES, CrashModel.ACCOUNTS, CrashModel.TICKS, Counters.TABLE);

  private Victim() {}

  /**
   * @param args the database's URL, the data directory
   */
  public static void main(String... args) throws IOException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(args[0]);
    config.setMaximumPoolSize(POOL);
    config.setInitializationFailTimeout(-1); // the database may be down, too
    config.setConnectionTimeout(1_000);
    try (HikariDataSource pool = new HikariDataSource(config);
        Cachewright cache =
            Cachewright.builder()
                .database(JdbcDatabase.of(pool))
                .directory(Path.of(args[1]))
                .drain(DRAIN)
                .open()) {
      Catalog catalog = new Catalog(cache);
      catalog.addPlain(Kept.KEYSPACE, Pattern.RECORD, KeyspaceOptions.DEFAULT);
      for (String table : TABLES) {
        openWhenThere(cache, table);
        catalog.addTable(
            table, Format.HASH, table.equals(Counters.TABLE) ? Counters.ADDITIVE : List.of());
      }
      try (CachewrightServer server = CachewrightServer.builder(catalog).port(0).start()) {
        System.out.println(server.port());
        awaitQuit();
      }
    }
    System.exit(0);
  }

  /** Opens a keyspace; with the database away it tries again until it is back. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on it
  private static void openWhenThere(Cachewright cache, String table) {
    WriteBehindOptions options =
        WriteBehindOptions.DEFAULT
            .withMaxDelay(Duration.ofMillis(50))
            .withCoalesce(!table.equals(CrashModel.TICKS));
    while (true) {
      try {
        cache.keyspace(table).table(table).writeBehind(options).open();
        return;
      } catch (StoreAwayException e) {
        Thread.yield();
      }
    }
  }

  private static void awaitQuit() throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    if (!"quit".equals(lines.readLine())) {
      Runtime.getRuntime().halt(1);
    }
  }
}
