// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import io.cachewright.WriteBehindOptions;
import io.cachewright.WriteBehindStatus;
import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Scratch;
import io.cachewright.benchmarks.User;
import io.cachewright.benchmarks.Zipf;
import io.cachewright.journal.Durability;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.sql.DataSource;

/** What coalescing saves when few rows are changed often, and what a change takes that waits. */
final class Updates {
  private static final UsersTable TABLE = new UsersTable("updates");
  private static final int SEED = 17;

  private final BehindCommand.Sizes sizes;
  private final DataSource database;

  Updates(BehindCommand.Sizes sizes, DataSource database) {
    this.sizes = sizes;
    this.database = database;
  }

  void measure(Postgres postgres, Report report) throws Exception {
    postgres.execute(TABLE.ddl());
    fill(2 * sizes.rows());
    postgres.execute("vacuum analyze " + TABLE.name());
    for (int maxChanges : List.of(WriteBehindOptions.DEFAULT.maxChanges(), 100_000)) {
      WriteBehindOptions options =
          WriteBehindOptions.DEFAULT.withMaxChanges(maxChanges).withMaxPending(4L << 30);
      report.note("%s", update(postgres, options));
    }
    report.note("%s", weigh(2 * sizes.rows() / 5));
  }

  private void fill(int count) throws Exception {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      for (int from = 0; from < count; from += sizes.batch()) {
        List<User> batch = new ArrayList<>();
        for (int id = from; id < Math.min(count, from + sizes.batch()); id++) {
          batch.add(User.of(id));
        }
        PlainBatches.copy(connection, TABLE, batch);
        connection.commit();
      }
    }
  }

  private static User changed(long id, long balance) {
    User user = User.of(id);
    return new User(
        id,
        user.email(),
        user.name(),
        BigDecimal.valueOf(balance, 2),
        user.createdAt(),
        user.bio());
  }

  private String update(Postgres postgres, WriteBehindOptions options) throws Exception {
    Random random = new Random(SEED);
    Zipf zipf = new Zipf(2 * sizes.rows(), random);
    long[] ids = random.longs(sizes.rows()).map(any -> zipf.next(random)).toArray();
    postgres.execute("checkpoint");
    Path directory = Scratch.newDirectory();
    try (BehindCache cache = open(directory, options)) {
      long begin = System.nanoTime();
      cache.put(sizes.rows(), sizes.inFlight(), i -> changed(ids[(int) i], i));
      cache.users().flush();
      double perSecond = sizes.rows() * 1e9 / (System.nanoTime() - begin);
      WriteBehindStatus status = cache.status();
      return String.format(
          java.util.Locale.ROOT,
          "updates:  %,d zipfian ones of %,d rows, max-changes %,d: %.2f rows written for each,"
              + " %,d flushes, %,.0f updates/s until flushed",
          sizes.rows(),
          2 * sizes.rows(),
          options.maxChanges(),
          (double) status.flushedRows() / sizes.rows(),
          status.flushes(),
          perSecond);
    } finally {
      Scratch.delete(directory);
    }
  }

  private BehindCache open(Path directory, WriteBehindOptions options) {
    return BehindCache.open(
        database, directory, new BehindCache.Settings(TABLE, options, Durability.FSYNC, 1));
  }

  /** With next to nothing in the cache, so that it is the waiting that takes the memory. */
  private String weigh(int count) throws Exception {
    Path directory = Scratch.newDirectory();
    try (BehindCache cache = open(directory, BehindCache.NEVER)) {
      cache.stopDatabase();
      cache.put(1, 1, id -> changed(id, id));
      long before = used();
      cache.put(count, sizes.inFlight(), id -> changed(id, id));
      long bytes = used() - before;
      return String.format(
          java.util.Locale.ROOT,
          "waiting:  %,d distinct changes that wait take %,d bytes of heap each, and are taken for"
              + " %,d each by max-pending",
          count,
          bytes / count,
          cache.status().bytes() / count);
    } finally {
      Scratch.delete(directory);
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    for (int i = 0; i < 3; i++) {
      System.gc(); // the first may leave what has finalizers or weak references
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
