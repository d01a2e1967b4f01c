// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.WriteBehindOptions;
import io.cachewright.WriteBehindStatus;
import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import io.cachewright.benchmarks.Scratch;
import io.cachewright.benchmarks.User;
import io.cachewright.journal.Durability;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * New rows, from the first put until the table has the last one, over a program that does nothing
 * but write them; and how much slower it gets if the database refuses some.
 */
final class Drain {
  private static final UsersTable OURS = new UsersTable("drain_ours");
  private static final UsersTable EACH = new UsersTable("drain_each");
  private static final UsersTable POISONED = new UsersTable("drain_poisoned");
  private static final UsersTable PLAIN = new UsersTable("drain_plain");
  private static final double TARGET = 0.75;
  private static final double TARGET_EACH = 0.5;

  /** Puts that do not wait are refused where others would wait for the database. */
  private static final WriteBehindOptions PATIENT =
      WriteBehindOptions.DEFAULT.withMaxPending(4L << 30);

  private static final int POISON_EVERY = 1_000;

  private final BehindCommand.Sizes sizes;
  private final Postgres postgres;
  private final HikariDataSource database;
  private String flushes = "";

  Drain(BehindCommand.Sizes sizes, Postgres postgres, HikariDataSource database) {
    this.sizes = sizes;
    this.postgres = postgres;
    this.database = database;
  }

  void measure(Report report) throws Exception {
    postgres.execute(OURS.ddl(), EACH.ddl(), POISONED.ddl(), PLAIN.ddl());
    postgres.execute("alter table " + POISONED.name() + " add check (name <> 'poison')");
    WriteBehindOptions each = PATIENT.withCoalesce(false);
    List<Samples> samples =
        Rounds.run(
            sizes.warmUps(),
            sizes.rounds(),
            List.of(
                () -> behind(OURS, PATIENT, User::of),
                () -> plain(PlainBatches::unnest),
                () -> behind(EACH, each, User::of),
                () -> plain(PlainBatches::copy),
                () -> behind(POISONED, PATIENT, Drain::poisoned)));
    Samples plain = samples.get(1).orBetter(samples.get(3));
    report.add("drain", samples.get(0), "JDBC", plain, TARGET);
    report.add("drain, coalesce off", samples.get(2), "JDBC", plain, TARGET_EACH);
    report.add("drain, poisoned", samples.get(4), "clean", samples.get(0), /* target= */ null);
    report.note(
        "drain:    %,d new rows by one thread, at most %,d puts in flight; from the first put"
            + " until the table has all; last: %s",
        sizes.rows(), sizes.inFlight(), flushes);
    report.note(
        "JDBC:     the same rows on one connection, %,d in a transaction, the better of unnest"
            + " (%,.0f) and COPY into a temporary table (%,.0f), both with on conflict do update",
        sizes.batch(), samples.get(1).median(), samples.get(3).median());
    report.note(
        "poisoned: one row in %,d violates a check; exactly those were parked", POISON_EVERY);
  }

  private static User poisoned(long id) {
    User user = User.of(id);
    return id % POISON_EVERY != POISON_EVERY / 2
        ? user
        : new User(id, user.email(), "poison", user.balance(), user.createdAt(), user.bio());
  }

  private double behind(UsersTable table, WriteBehindOptions options, LongFunction<User> user)
      throws Exception {
    postgres.execute("truncate " + table.name(), "checkpoint");
    Path directory = Scratch.newDirectory();
    BehindCache.Settings settings =
        new BehindCache.Settings(table, options, Durability.FSYNC, sizes.rows());
    try (BehindCache cache = BehindCache.open(database, directory, settings)) {
      long begin = System.nanoTime();
      cache.put(sizes.rows(), sizes.inFlight(), user);
      cache.users().flush();
      double perSecond = sizes.rows() * 1e9 / (System.nanoTime() - begin);
      WriteBehindStatus status = cache.status();
      flushes =
          status.flushes()
              + " flushes, "
              + Math.round(100e-9 * status.flushTime().toNanos() * perSecond / sizes.rows())
              + " % of the time";
      check(table, cache.parked());
      return perSecond;
    } finally {
      Scratch.delete(directory);
    }
  }

  private void check(UsersTable table, List<Long> parked) throws Exception {
    List<Long> guilty =
        LongStream.range(0, table.equals(POISONED) ? sizes.rows() : 0)
            .filter(id -> id % POISON_EVERY == POISON_EVERY / 2)
            .boxed()
            .toList();
    String contents = table.contents(postgres);
    if (!parked.equals(guilty) || !contents.startsWith(sizes.rows() - guilty.size() + " rows,")) {
      throw new IllegalStateException(
          table.name() + " holds " + contents + "; parked: " + parked.size());
    }
  }

  private double plain(PlainBatches.Way way) throws Exception {
    postgres.execute("truncate " + PLAIN.name(), "checkpoint");
    long begin = System.nanoTime();
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      for (int from = 0; from < sizes.rows(); from += sizes.batch()) {
        List<User> batch = new ArrayList<>();
        for (int id = from; id < Math.min(sizes.rows(), from + sizes.batch()); id++) {
          batch.add(User.of(id));
        }
        way.write(connection, PLAIN, batch);
        connection.commit();
      }
    }
    double perSecond = sizes.rows() * 1e9 / (System.nanoTime() - begin);
    check(PLAIN, List.of());
    return perSecond;
  }
}
