// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import io.cachewright.app.demo.RespClient;
import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import io.cachewright.benchmarks.Scratch;
import io.cachewright.benchmarks.database.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Writes that are in the journal when they are answered, against a redis-server that appends its
 * own to a file, on the same disk.
 *
 * <pre>
 *   for each durability:  ours (journal, PostgreSQL behind)   redis-server (append-only file)
 *                         write ─► CW.FLUSH, not counted      SET
 * </pre>
 *
 * <p>D1: nobody's work is done in the other's turn: what waits is flushed before it. D2: a reply
 * that is an error ends the run. D3: at the end the table has what was written.
 */
@Command(
    name = "durable",
    description = {
      "Logged writes through the Redis protocol, over redis-server with an append-only file:",
      "durability fsync over appendfsync always, interval over everysec."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class DurableCommand implements Callable<Integer> {
  private static final String VALUE = "VXK";
  private static final String SET = "SET kv:" + Load.NUMBER + " " + VALUE;

  /** Room for all that is written in a round: at this bound clients are refused. */
  private static final String MAX_PENDING = "512mb";

  /** What is written of ours. */
  enum Subject {
    BEHIND,
    RECORD;

    List<String> commands() {
      return this == BEHIND
          ? List.of("HSET users:" + Load.NUMBER + " name " + VALUE)
          : List.of(SET, "HSET h:" + Load.NUMBER + " field " + VALUE);
    }

    /** Its lines under {@code keyspaces}. */
    String keyspaces(Level level) {
      return this == BEHIND
          ? "  users:\n    table: "
              + level.table()
              + "\n    pattern: write-behind\n    write-behind: { max-pending: "
              + MAX_PENDING
              + " }\n"
          : "  kv: { pattern: record }\n  h: { pattern: record }\n";
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What an acknowledged write survives, in our word and in Redis's. */
  enum Level {
    FSYNC("always", 1.0),
    INTERVAL("everysec", 0.9);

    final String appendfsync;
    final double target;

    Level(String appendfsync, double target) {
      this.appendfsync = appendfsync;
      this.target = target;
    }

    String table() {
      return "users_" + this;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Mixin private LoadOptions options = new LoadOptions();

  @Option(
      names = "--subjects",
      split = ",",
      description = {
        "Of ${COMPLETION-CANDIDATES}: rows of a write-behind keyspace, plain keys of record"
            + " keyspaces."
      })
  private Set<Subject> subjects = EnumSet.allOf(Subject.class);

  @Option(names = "--durability", split = ",", description = "Of ${COMPLETION-CANDIDATES}.")
  private Set<Level> levels = EnumSet.allOf(Level.class);

  @Option(names = "--pipeline", split = ",", description = "Commands sent at once by a client.")
  private List<Integer> pipelines = List.of(16, 1); // many commands first: they warm it up

  private final Report report =
      new Report("Logged writes over redis-server", "requests per second");
  private final List<Runnable> profiles = new ArrayList<>();
  private double longestFlush;

  @Override
  public Integer call() throws Exception {
    Load load = options.generator.load();
    Path directory = Scratch.newDirectory();
    try (Postgres postgres = Postgres.start()) {
      for (Level level : levels) {
        measure(load, level, postgres, Files.createDirectory(directory.resolve(level.toString())));
      }
      report.note("behind:    the database had all of it at most %.2f s later", longestFlush);
      report.note("server:    %s", postgres.version());
      report.note("disk:      %s", Files.getFileStore(directory));
    } finally {
      Scratch.delete(directory);
    }
    report.note("ours:      a JVM of its own (%s)", String.join(" ", options.jvmOptions));
    report.note("peer:      SET by redis-server from a jar, with an append-only file");
    report.note("load:      %s, %d clients, %,d keys", load.description(), Load.CLIENTS, Load.KEYS);
    report.print(spec.commandLine().getOut());
    profiles.forEach(Runnable::run);
    return 0;
  }

  private void measure(Load load, Level level, Postgres postgres, Path directory) throws Exception {
    postgres.execute(
        "create table "
            + level.table()
            + " (id bigint primary key, name text not null, visits bigint not null default 0)",
        "insert into "
            + level.table()
            + (" select i, '' from generate_series(0, " + (Load.KEYS - 1) + ") i"),
        "checkpoint");
    Path ofRedis = Files.createDirectory(directory.resolve("redis"));
    try (Contestant ours =
            Contestant.cachewright(options.jvmOptions, configuration(level, postgres, directory));
        Contestant redis = Contestant.redis(ofRedis, level.appendfsync)) {
      for (int pipeline : pipelines) {
        measure(load, level, ours, redis, pipeline);
      }
      if (options.profile) {
        for (int pipeline : pipelines) {
          for (String command : commands()) {
            Load.Mix mix = mix(command, pipeline);
            profiles.add(
                new Trial(load, ours, mix, () -> flush(ours))
                    .profiled(name(mix, level), options.rounds, spec.commandLine().getOut()));
          }
        }
      }
      flush(ours);
    }
    check(level, postgres);
  }

  private Path configuration(Level level, Postgres postgres, Path directory) throws IOException {
    return Files.writeString(
        directory.resolve("cachewright.yaml"),
        "database: "
            + postgres.url()
            + "\nlisten: 127.0.0.1:0\ndata: "
            + directory.resolve("data")
            + "\ndurability: "
            + level
            + "\nkeyspaces:\n"
            + subjects.stream().map(each -> each.keyspaces(level)).collect(Collectors.joining()));
  }

  private List<String> commands() {
    return subjects.stream().flatMap(each -> each.commands().stream()).toList();
  }

  /** A pipeline answers more at once, so it gets more to do: rounds are to be of similar length. */
  private Load.Mix mix(String command, int pipeline) {
    return new Load.Mix(command, pipeline, pipeline == 1 ? options.requests : options.requests * 5);
  }

  /** {@code HSET users -P 16, fsync}. */
  private static String name(Load.Mix mix, Level level) {
    String before = mix.command().substring(0, mix.command().indexOf(':'));
    return before + " -P " + mix.pipeline() + ", " + level;
  }

  private void measure(Load load, Level level, Contestant ours, Contestant redis, int pipeline)
      throws Exception {
    List<Trial> trials = new ArrayList<>();
    List<Rounds.Subject> turns = new ArrayList<>();
    for (String command : commands()) {
      Trial trial = new Trial(load, ours, mix(command, pipeline), () -> flush(ours)); // D1
      trials.add(trial);
      turns.add(trial::measure);
    }
    Trial peer = new Trial(load, redis, mix(SET, pipeline));
    turns.add(peer::measure);
    List<Samples> samples = Rounds.run(options.warmUps, options.rounds, turns);
    for (int i = 0; i < trials.size(); i++) {
      String name = name(mix(commands().get(i), pipeline), level);
      Samples others = samples.get(trials.size());
      report.add(name, samples.get(i), "redis-" + level.appendfsync, others, level.target);
      report.note(
          "%-23s processor time per request, us: ours %s, redis %s",
          name, trials.get(i).perRequest(), peer.perRequest());
    }
  }

  private void flush(Contestant ours) throws IOException {
    if (subjects.contains(Subject.BEHIND)) {
      long begin = System.nanoTime();
      try (RespClient client = new RespClient("127.0.0.1", ours.port())) {
        client.call("CW.FLUSH");
      }
      longestFlush = Math.max(longestFlush, (System.nanoTime() - begin) / 1e9);
    }
  }

  /** D3. Keys are drawn, so that a few may never have been: one in e^n, of n times as many. */
  private void check(Level level, Postgres postgres) throws Exception {
    if (subjects.contains(Subject.BEHIND)) {
      long written =
          Long.parseLong(
              postgres.ask(
                  "select count(*) from " + level.table() + " where name = '" + VALUE + "'"));
      double drawn = (double) options.requests * options.rounds * pipelines.size() / Load.KEYS;
      if (written < Load.KEYS * (1 - Math.exp(-drawn)) / 2) {
        throw new IllegalStateException(level.table() + " has but " + written + " of the writes");
      }
    }
  }
}
