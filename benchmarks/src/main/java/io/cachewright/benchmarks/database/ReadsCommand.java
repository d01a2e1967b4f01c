// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.KeyspaceOptions;
import io.cachewright.KeyspaceStats;
import io.cachewright.benchmarks.Crew;
import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import io.cachewright.benchmarks.User;
import io.cachewright.jdbc.JdbcDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Cold reads: every key is asked for once, by one of many threads, of an empty cache. */
@Command(
    name = "reads",
    description = "Read-through of cold keys, over plain JDBC prepared selects.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class ReadsCommand implements Callable<Integer> {
  private static final double TARGET = 1.5;
  private static final UsersTable TABLE = new UsersTable("users");

  @Spec private CommandSpec spec;

  @Option(names = "--rows", description = "How many rows there are; each is read once per round.")
  private int rows = 200_000;

  @Option(names = "--threads", description = "How many threads, and pooled connections.")
  private int threads = 16;

  @Option(names = "--rounds", description = "How often each is measured.")
  private int rounds = 5;

  @Option(names = "--loads", description = "How many loads may run at once (loadLanes).")
  private @Nullable Integer loadLanes;

  private int[] order = {};
  private double keysPerLoad;

  @Override
  public Integer call() throws Exception {
    order = shuffled();
    try (Postgres postgres = Postgres.start();
        HikariDataSource ours = postgres.pool(threads);
        HikariDataSource plain = postgres.pool(threads)) {
      postgres.execute(TABLE.ddl());
      TABLE.fill(plain, rows);
      postgres.execute("vacuum analyze users", "checkpoint");
      List<Samples> samples =
          Rounds.run(
              /* warmUps= */ 1, rounds, List.of(() -> readThrough(ours), () -> select(plain)));
      Report report = new Report("Cold reads over plain JDBC", "rows per second");
      report.add(
          String.format("%,d rows, %d threads", rows, threads),
          samples.get(0),
          "JDBC",
          samples.get(1),
          TARGET);
      report.note("ours:    Keyspace.get, read-through, %.1f keys per SELECT", keysPerLoad);
      report.note("peer:    prepared select by key, a pooled connection for each of %d", threads);
      report.note("server:  %s", postgres.version());
      report.print(spec.commandLine().getOut());
    }
    return 0;
  }

  private double readThrough(HikariDataSource dataSource) throws Exception {
    try (Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(dataSource)).open()) {
      Keyspace<Long, User> users = open(cache);
      double perSecond = Crew.perSecond(threads, rows, rest -> readShare(rest, users::get));
      KeyspaceStats stats = users.stats();
      if (stats.loadedKeys() != rows) {
        throw new IllegalStateException(stats + " after reading " + rows + " cold keys");
      }
      keysPerLoad = (double) stats.loadedKeys() / stats.loads();
      return perSecond;
    }
  }

  private Keyspace<Long, User> open(Cachewright cache) {
    var builder = cache.keyspace("users", Long.class, User.class).table("users").readThrough();
    if (loadLanes != null) {
      builder.options(KeyspaceOptions.DEFAULT.toBuilder().loadLanes(loadLanes).build());
    }
    return builder.open();
  }

  private double select(HikariDataSource dataSource) throws Exception {
    return Crew.perSecond(
        threads, rows, rest -> readShare(rest, id -> TABLE.select(dataSource, id)));
  }

  @FunctionalInterface
  private interface Read {
    @Nullable User of(long id) throws Exception;
  }

  private void readShare(int rest, Read read) throws Exception {
    for (int i = rest; i < order.length; i += threads) {
      User user = read.of(order[i]);
      if (user == null || user.id() != order[i]) {
        throw new IllegalStateException("asked for user " + order[i] + ", got " + user);
      }
    }
  }

  private int[] shuffled() {
    List<Integer> ids = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
    Collections.shuffle(ids, new Random(17));
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
