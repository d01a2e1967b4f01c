// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.benchmarks.Report;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Write-behind: how fast it accepts, how fast the database gets it, what that takes. */
@Command(
    name = "behind",
    description = "Write-behind, over plain JDBC and over a bare group commit.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class BehindCommand implements Callable<Integer> {
  private static final int CONNECTIONS = 4;

  /** What is measured. */
  enum Subject {
    DRAIN,
    PUTS,
    UPDATES,
    RECOVERY;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How much of it.
   *
   * @param threads that put and wait
   * @param puts by all threads
   */
  record Sizes(int rows, int inFlight, int batch, int threads, int puts, int warmUps, int rounds) {}

  @Spec private CommandSpec spec;

  @Option(names = "--subjects", split = ",", description = "Of ${COMPLETION-CANDIDATES}.")
  private Set<Subject> subjects = EnumSet.allOf(Subject.class);

  @Option(names = "--rows", description = "Rows drained, updates, half the rows recovered.")
  private int rows = 500_000;

  @Option(names = "--in-flight", description = "Puts that one thread does not wait for.")
  private int inFlight = 10_000;

  @Option(names = "--batch", description = "Rows in a transaction of plain JDBC.")
  private int batch = 10_000;

  @Option(names = "--threads", description = "Threads that put and wait.")
  private int threads = 16;

  @Option(names = "--puts", description = "Puts per round that are waited for.")
  private int puts = 100_000;

  @Option(names = "--warm-ups", description = "Rounds that are run first and not counted.")
  private int warmUps = 1;

  @Option(names = "--rounds", description = "How often each is measured.")
  private int rounds = 5;

  @Override
  public Integer call() throws Exception {
    Sizes sizes = new Sizes(rows, inFlight, batch, threads, puts, warmUps, rounds);
    Report report = new Report("Write-behind", "rows or puts per second");
    try (Postgres postgres = Postgres.start();
        HikariDataSource database = postgres.pool(CONNECTIONS)) {
      if (subjects.contains(Subject.DRAIN)) {
        new Drain(sizes, postgres, database).measure(report);
      }
      if (subjects.contains(Subject.PUTS)) {
        new Puts(sizes, database).measure(postgres, report);
      }
      if (subjects.contains(Subject.UPDATES)) {
        new Updates(sizes, database).measure(postgres, report);
      }
      if (subjects.contains(Subject.RECOVERY)) {
        new Recoveries(sizes, database).measure(postgres, report);
      }
      report.note("server:   %s", postgres.version());
    }
    report.print(spec.commandLine().getOut());
    return 0;
  }
}
