// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import io.cachewright.benchmarks.Crew;
import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import io.cachewright.benchmarks.Scratch;
import io.cachewright.benchmarks.User;
import io.cachewright.journal.Durability;
import io.cachewright.journal.FileDisk;
import io.cachewright.journal.JournalInspection;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.JournalStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * How fast puts are acknowledged while nothing is flushed: by threads that wait for each, over a
 * bare group commit of as many bytes; and by one thread that does not wait, over the same without
 * fsync.
 */
final class Puts {
  private static final UsersTable TABLE = new UsersTable("puts");
  private static final double TARGET_TOGETHER = 0.8;
  private static final double TARGET_ALONE = 0.5;
  private static final int IN_FLIGHT = 1_000;
  private static final long POLL_NANOS = 1_000_000;

  /** No more than this, so that what is measured is not eviction. */
  private static final int ENTRIES_MAX = 1_000_000;

  private final BehindCommand.Sizes sizes;
  private final DataSource database;
  private byte[] record = {};
  private String groups = "";
  private String bareGroups = "";

  Puts(BehindCommand.Sizes sizes, DataSource database) {
    this.sizes = sizes;
    this.database = database;
  }

  void measure(Postgres postgres, Report report) throws Exception {
    postgres.execute(TABLE.ddl());
    record = new byte[recordBytes()];
    List<Samples> samples =
        Rounds.run(
            sizes.warmUps(),
            sizes.rounds(),
            List.of(
                this::together,
                this::bare,
                () -> alone(Durability.FSYNC),
                () -> alone(Durability.OS)));
    report.add(
        String.format("put, %d threads", sizes.threads()),
        samples.get(0),
        "group-commit",
        samples.get(1),
        TARGET_TOGETHER);
    report.add("put, 1 thread, async", samples.get(2), "os", samples.get(3), TARGET_ALONE);
    report.note(
        "group-commit: of as many threads one writes %d bytes for each and forces them",
        record.length);
    report.note("put:      %s; group-commit: %s", groups, bareGroups);
    report.note(
        "os:       the same %,d puts by one thread, at most %,d in flight, with durability os",
        sizes.rows(), IN_FLIGHT);
  }

  /** What the journal makes of a put. */
  private int recordBytes() throws Exception {
    Path directory = Scratch.newDirectory();
    try {
      try (BehindCache cache = open(directory, Durability.FSYNC)) {
        cache.put(100, 100, User::of);
      }
      JournalInspection.Segment first =
          JournalInspection.of(new FileDisk(directory.resolve("journal"))).segments().get(0);
      return (int) (first.bytes() / first.records());
    } finally {
      Scratch.delete(directory);
    }
  }

  private BehindCache open(Path directory, Durability durability) {
    return BehindCache.open(
        database,
        directory,
        new BehindCache.Settings(TABLE, BehindCache.NEVER, durability, ENTRIES_MAX));
  }

  /** The next segment is there: making it is part of the start, and disturbs the first puts. */
  private static void ready(BehindCache cache) {
    cache.stopDatabase();
    while (stats(cache).bytes() < 2 * JournalOptions.DEFAULTS.segmentBytes()) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static JournalStats stats(BehindCache cache) {
    return Objects.requireNonNull(cache.cache().engine().log()).journalStats();
  }

  private double together() throws Exception {
    Path directory = Scratch.newDirectory();
    try (BehindCache cache = open(directory, Durability.FSYNC)) {
      ready(cache);
      double perSecond =
          Crew.perSecond(
              sizes.threads(),
              sizes.puts(),
              rest -> {
                for (int id = rest; id < sizes.puts(); id += sizes.threads()) {
                  cache.users().put((long) id, User.of(id));
                }
              });
      JournalStats stats = stats(cache);
      groups =
          groups(
              stats.appended(), stats.batches(), stats.fsyncNanosTotal() / stats.fsyncs() / 1_000);
      return perSecond;
    } finally {
      Scratch.delete(directory);
    }
  }

  private static String groups(long puts, long batches, long micros) {
    return String.format(
        Locale.ROOT, "%.1f share an fsync, which takes %,d us", (double) puts / batches, micros);
  }

  private double bare() throws Exception {
    Path directory = Scratch.newDirectory();
    try (GroupCommits commits = new GroupCommits(directory.resolve("appended"))) {
      double perSecond =
          Crew.perSecond(
              sizes.threads(),
              sizes.puts(),
              rest -> {
                for (int id = rest; id < sizes.puts(); id += sizes.threads()) {
                  commits.append(record);
                }
              });
      bareGroups = groups(sizes.puts(), commits.batches(), commits.microsPerForce());
      return perSecond;
    } finally {
      Scratch.delete(directory);
    }
  }

  private double alone(Durability durability) throws IOException, InterruptedException {
    Path directory = Scratch.newDirectory();
    try (BehindCache cache = open(directory, durability)) {
      ready(cache);
      long begin = System.nanoTime();
      cache.put(sizes.rows(), IN_FLIGHT, User::of);
      return sizes.rows() * 1e9 / (System.nanoTime() - begin);
    } finally {
      Scratch.delete(directory);
    }
  }
}
