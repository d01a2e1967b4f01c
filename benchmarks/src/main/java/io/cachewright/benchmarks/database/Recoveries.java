// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Samples;
import io.cachewright.benchmarks.Scratch;
import io.cachewright.benchmarks.User;
import io.cachewright.journal.Durability;
import java.nio.file.Path;
import java.util.Objects;
import javax.sql.DataSource;

/** How long a start takes that finds a million changes which the database never got. */
final class Recoveries {
  private static final UsersTable TABLE = new UsersTable("recovered");

  private final BehindCommand.Sizes sizes;
  private final DataSource database;
  private final int changes;

  Recoveries(BehindCommand.Sizes sizes, DataSource database) {
    this.sizes = sizes;
    this.database = database;
    this.changes = 2 * sizes.rows();
  }

  void measure(Postgres postgres, Report report) throws Exception {
    postgres.execute(TABLE.ddl());
    double[] seconds = new double[sizes.rounds()];
    for (int round = -sizes.warmUps(); round < sizes.rounds(); round++) {
      postgres.execute("truncate " + TABLE.name(), "checkpoint");
      double each = recover();
      if (round >= 0) {
        seconds[round] = each;
      }
    }
    Samples samples = new Samples(seconds);
    report.note(
        "recovery: %,d changes in the journal: %.2f s (%.2f..%.2f) from open() to the first answer,"
            + " %,.0f changes replayed per second",
        changes, samples.median(), samples.min(), samples.max(), changes / samples.median());
  }

  private double recover() throws Exception {
    Path directory = Scratch.newDirectory();
    try {
      try (BehindCache cache = open(directory)) {
        cache.stopDatabase();
        cache.put(changes, sizes.inFlight(), User::of);
      }
      long begin = System.nanoTime();
      try (BehindCache cache = open(directory)) {
        User last = cache.users().get(changes - 1L);
        double seconds = (System.nanoTime() - begin) / 1e9;
        cache.stopDatabase();
        long there = cache.status().changes() + cache.status().flushedRows();
        if (there != changes || !Objects.equals(last, User.of(changes - 1L))) {
          throw new IllegalStateException("recovered: " + there + " changes, " + last);
        }
        return seconds;
      }
    } finally {
      Scratch.delete(directory);
    }
  }

  private BehindCache open(Path directory) {
    return BehindCache.open(
        database,
        directory,
        new BehindCache.Settings(TABLE, BehindCache.NEVER, Durability.OS, /* entriesMax= */ 1_000));
  }
}
