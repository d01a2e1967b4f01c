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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final int WARM_UPS_MIN = 3;

  /** After so many writes of a subject the compiler takes a hundredth of a round. */
  private static final int WARM_UP_WRITES = 60_000;

  /** However few rows a round has. */
  private static final int WARM_UPS_MAX = 15;

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
          "at once: Keyspace.putAll of as many rows by one thread: a batch that wakes nobody");
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
    int warmUps =
        (int) Math.min(WARM_UPS_MAX, Math.max(WARM_UPS_MIN, WARM_UP_WRITES / all(number)));
    try (HikariDataSource ours = postgres.pool(number);
        HikariDataSource plain = postgres.pool(number)) {
      List<Rounds.Subject> subjects = new ArrayList<>();
      subjects.add(() -> put(postgres, ours, number));
      subjects.add(() -> upsert(postgres, plain, number));
      if (number > 1) {
        subjects.add(() -> putAtOnce(postgres, ours, number));
      }
      List<Samples> samples = Rounds.run(warmUps, rounds, subjects);
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
      if (number > 1) {
        report.add(
            String.format("%2d at once", number), samples.get(2), "JDBC", samples.get(1), null);
      }
      report.note("%2d thr.:  %.2f statements per put", number, statementsPerPut);
    }
  }

  /** How many rows are written in a round. */
  private long all(int number) {
    return (long) rows * number;
  }

  private double put(Postgres postgres, HikariDataSource dataSource, int number) throws Exception {
    return cached(
        postgres,
        dataSource,
        number,
        (users, database) -> {
          long before = database.statements();
          double perSecond = write(number, user -> users.put(user.id(), user));
          statementsPerPut = (double) (database.statements() - before) / all(number);
          return perSecond;
        });
  }

  /** What a batch of puts costs but for its writers, of whom each would have to be woken. */
  private double putAtOnce(Postgres postgres, HikariDataSource dataSource, int number)
      throws Exception {
    return cached(
        postgres,
        dataSource,
        number,
        (users, database) -> {
          long all = all(number);
          return Crew.perSecond(
              1,
              all,
              rest -> {
                for (long id = 0; id < all; id += number) {
                  Map<Long, User> batch = new HashMap<>();
                  for (long each = id; each < id + number; each++) {
                    batch.put(each, User.of(each));
                  }
                  users.putAll(batch);
                }
              });
        });
  }

  @FunctionalInterface
  private interface Writes {
    double perSecond(Keyspace<Long, User> users, JdbcDatabase database) throws Exception;
  }

  private double cached(Postgres postgres, HikariDataSource dataSource, int number, Writes writes)
      throws Exception {
    empty(postgres, OURS);
    JdbcDatabase database = JdbcDatabase.of(dataSource);
    try (Cachewright cache = Cachewright.builder().database(database).open()) {
      Keyspace<Long, User> users =
          cache.keyspace("users", Long.class, User.class).table(OURS.name()).writeThrough().open();
      double perSecond = writes.perSecond(users, database);
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
    long all = all(number);
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
    if (!contents.startsWith(all(number) + " rows,")) {
      throw new IllegalStateException(table.name() + " holds " + contents);
    }
  }
}
