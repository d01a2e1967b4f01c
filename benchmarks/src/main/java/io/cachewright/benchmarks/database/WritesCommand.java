// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.benchmarks.Crew;
import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import io.cachewright.benchmarks.User;
import io.cachewright.jdbc.JdbcDatabase;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Acknowledged writes: each is committed, with fsync, before its writer goes on. */
@Command(
    name = "writes",
    description = "Write-through puts, over plain JDBC upserts that commit one by one.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class WritesCommand implements Callable<Integer> {
  private static final double TARGET_ALONE = 0.85;
  private static final double TARGET_TOGETHER = 2.5;
  private static final UsersTable OURS = new UsersTable("users_ours");
  private static final UsersTable PLAIN = new UsersTable("users_plain");

  /** In the first rounds the compiler takes as much of the processors as a subject does. */
  private static final int WARM_UPS = 3;

  @Spec private CommandSpec spec;

  @Option(names = "--threads", split = ",", description = "How many threads write.")
  private List<Integer> threads = List.of(1, 16);

  @Option(names = "--rows", description = "Rows written per round and thread.")
  private int rows = 4_000;

  @Option(names = "--rounds", description = "How often each is measured.")
  private int rounds = 7;

  private double statementsPerPut;

  @Override
  public Integer call() throws Exception {
    Report report = new Report("Write-through over plain JDBC", "committed rows per second");
    try (Postgres postgres = Postgres.start()) {
      postgres.execute(OURS.ddl(), PLAIN.ddl());
      for (int number : threads) {
        measure(postgres, number, report);
      }
      report.note("ours:    Keyspace.put, write-through: what waits is committed together");
      report.note(
          "peer:    prepared upsert, autocommit, a pooled connection for each of the threads");
      report.note(
          "checked: each round left all rows in its table, and the last one the same rows in both");
      report.note("server:  %s", postgres.version());
    }
    report.print(spec.commandLine().getOut());
    return 0;
  }

  private void measure(Postgres postgres, int number, Report report) throws Exception {
    try (HikariDataSource ours = postgres.pool(number);
        HikariDataSource plain = postgres.pool(number)) {
      List<Samples> samples =
          Rounds.run(
              WARM_UPS,
              rounds,
              List.of(() -> put(postgres, ours, number), () -> upsert(postgres, plain, number)));
      String expected = PLAIN.contents(postgres);
      if (!OURS.contents(postgres).equals(expected)) {
        throw new IllegalStateException(
            "ours: " + OURS.contents(postgres) + "; plain JDBC: " + expected);
      }
      report.add(
          String.format("%2d thread%s", number, number == 1 ? "" : "s"),
          samples.get(0),
          "JDBC",
          samples.get(1),
          number == 1 ? (Double) TARGET_ALONE : number == 16 ? (Double) TARGET_TOGETHER : null);
      report.note("%2d thr.:  %.2f statements per put", number, statementsPerPut);
    }
  }

  private double put(Postgres postgres, HikariDataSource dataSource, int number) throws Exception {
    empty(postgres, OURS);
    JdbcDatabase database = JdbcDatabase.of(dataSource);
    try (Cachewright cache = Cachewright.builder().database(database).open()) {
      Keyspace<Long, User> users =
          cache.keyspace("users", Long.class, User.class).table(OURS.name()).writeThrough().open();
      long before = database.statements();
      double perSecond = write(number, user -> users.put(user.id(), user));
      statementsPerPut = (double) (database.statements() - before) / ((long) rows * number);
      checkAllThere(postgres, OURS, number);
      return perSecond;
    }
  }

  private double upsert(Postgres postgres, HikariDataSource dataSource, int number)
      throws Exception {
    empty(postgres, PLAIN);
    double perSecond = write(number, user -> PLAIN.upsert(dataSource, user));
    checkAllThere(postgres, PLAIN, number);
    return perSecond;
  }

  /** Every round begins alike: the table is empty and no old work waits for a checkpoint. */
  private static void empty(Postgres postgres, UsersTable table) throws Exception {
    postgres.execute("truncate " + table.name(), "checkpoint");
  }

  @FunctionalInterface
  private interface Put {
    void of(User user) throws Exception;
  }

  private double write(int number, Put put) throws Exception {
    long all = (long) rows * number;
    return Crew.perSecond(
        number,
        all,
        rest -> {
          for (long id = rest; id < all; id += number) {
            put.of(User.of(id));
          }
        });
  }

  private void checkAllThere(Postgres postgres, UsersTable table, int number) throws Exception {
    String contents = table.contents(postgres);
    if (!contents.startsWith((long) rows * number + " rows,")) {
      throw new IllegalStateException(table.name() + " holds " + contents);
    }
  }
}
