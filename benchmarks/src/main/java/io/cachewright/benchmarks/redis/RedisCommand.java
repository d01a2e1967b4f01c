// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** GET and SET of plain keys by 50 clients, against both servers in turn. */
@Command(
    name = "redis",
    description = "GET and SET of plain keys through the Redis protocol, over redis-server.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class RedisCommand implements Callable<Integer> {
  private static final double TARGET = 0.7;

  /** Which load generator. */
  enum Generator {
    AUTO,
    REDIS_BENCHMARK,
    BUILT_IN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--load",
      description = {
        "Who sends: ${COMPLETION-CANDIDATES}.",
        "auto: redis-benchmark if it is installed, else the built-in generator."
      })
  private Generator generator = Generator.AUTO;

  @Option(names = "--pipeline", split = ",", description = "Commands sent at once by a client.")
  private List<Integer> pipelines = List.of(1, 16);

  @Option(names = "--requests", description = "Commands per round without a pipeline.")
  private int requests = 200_000;

  @Option(names = "--rounds", description = "How often each is measured.")
  private int rounds = 5;

  @Option(names = "--warm-ups", description = "Rounds that are run first and not counted.")
  private int warmUps = 3;

  @Option(
      names = "--jvm",
      split = " ",
      description = "Options of the JVM that is Cachewright's server.")
  private List<String> jvmOptions = List.of("-Xms1g", "-Xmx1g");

  @Option(names = "--profile", description = "Says, too, where our server's time goes.")
  private boolean profile;

  @Override
  public Integer call() throws Exception {
    Load load = load();
    Report report = new Report("Plain keys over redis-server", "requests per second");
    List<Runnable> profiles = new ArrayList<>();
    try (Contestant ours = Contestant.cachewright(jvmOptions);
        Contestant redis = Contestant.redis()) {
      for (int pipeline : pipelines) {
        for (boolean set : List.of(true, false)) { // GET finds what SET has left
          measure(load, ours, redis, mix(set, pipeline), report);
        }
      }
      if (profile) {
        for (int pipeline : pipelines) {
          for (boolean set : List.of(true, false)) {
            profiles.add(profiled(load, ours, mix(set, pipeline)));
          }
        }
      }
    }
    report.note(
        "ours:    CachewrightServer in a JVM of its own (%s)", String.join(" ", jvmOptions));
    report.note("peer:    redis-server from a jar, in memory only");
    report.note("load:    %s, %d clients, %,d keys", load.description(), Load.CLIENTS, Load.KEYS);
    report.print(spec.commandLine().getOut());
    profiles.forEach(Runnable::run);
    return 0;
  }

  private Load load() throws IOException, InterruptedException {
    if (generator == Generator.BUILT_IN) {
      return new BuiltInLoad();
    }
    RedisBenchmark installed = RedisBenchmark.find();
    if (installed == null && generator == Generator.REDIS_BENCHMARK) {
      throw new IOException("no redis-benchmark on the PATH (Debian: redis-tools)");
    }
    return installed == null ? new BuiltInLoad() : installed;
  }

  /** A pipeline answers more at once, so it gets more to do: rounds are to be of similar length. */
  private Load.Mix mix(boolean set, int pipeline) {
    return new Load.Mix(set, pipeline, pipeline == 1 ? requests : requests * 5);
  }

  private void measure(Load load, Contestant ours, Contestant redis, Load.Mix mix, Report report)
      throws Exception {
    CpuTime[] used = {new CpuTime(0, 0), new CpuTime(0, 0)};
    List<Samples> samples =
        Rounds.run(
            warmUps,
            rounds,
            List.of(() -> run(load, ours, mix, used, 0), () -> run(load, redis, mix, used, 1)));
    report.add(mix.name(), samples.get(0), "redis-server", samples.get(1), TARGET);
    double all = (double) mix.requests() * (warmUps + rounds) / 1e6;
    report.note(
        "%-9s processor time per request, us: ours %.2f user + %.2f system, redis %.2f + %.2f",
        mix.name(),
        used[0].user() / all,
        used[0].system() / all,
        used[1].user() / all,
        used[1].system() / all);
  }

  private static double run(Load load, Contestant server, Load.Mix mix, CpuTime[] used, int index)
      throws Exception {
    CpuTime before = CpuTime.of(server.pid());
    double perSecond = load.perSecond(server.port(), mix);
    used[index] = used[index].plus(CpuTime.of(server.pid()).minus(before));
    return perSecond;
  }

  /** Records the server under this load. What is returned prints it. */
  private Runnable profiled(Load load, Contestant ours, Load.Mix mix) throws Exception {
    Path file = Files.createTempFile("cachewright", ".jfr");
    CpuTime before = CpuTime.of(ours.pid());
    ours.tell("record");
    for (int round = 0; round < rounds; round++) {
      load.perSecond(ours.port(), mix);
    }
    ours.tell("dump " + file);
    CpuTime used = CpuTime.of(ours.pid()).minus(before);
    Profile read = Profile.read(file);
    Files.delete(file);
    long all = (long) mix.requests() * rounds;
    return () ->
        read.print(mix.name().toUpperCase(Locale.ROOT), used, all, spec.commandLine().getOut());
  }
}
