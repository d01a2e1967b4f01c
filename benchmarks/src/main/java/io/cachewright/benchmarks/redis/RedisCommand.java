// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  private static final String SET = "SET key:" + Load.NUMBER + " VXK";
  private static final String GET = "GET key:" + Load.NUMBER;

  @Spec private CommandSpec spec;

  @Mixin private LoadOptions options = new LoadOptions();

  @Option(names = "--pipeline", split = ",", description = "Commands sent at once by a client.")
  private List<Integer> pipelines = List.of(1, 16);

  @Override
  public Integer call() throws Exception {
    Load load = options.generator.load();
    Report report = new Report("Plain keys over redis-server", "requests per second");
    List<Runnable> profiles = new ArrayList<>();
    try (Contestant ours = Contestant.cachewright(options.jvmOptions);
        Contestant redis = Contestant.redis()) {
      for (Load.Mix mix : mixes()) {
        measure(new Trial(load, ours, mix), new Trial(load, redis, mix), mix.name(), report);
      }
      if (options.profile) {
        for (Load.Mix mix : mixes()) {
          profiles.add(
              new Trial(load, ours, mix)
                  .profiled(mix.name(), options.rounds, spec.commandLine().getOut()));
        }
      }
    }
    report.note(
        "ours:    CachewrightServer in a JVM of its own (%s)",
        String.join(" ", options.jvmOptions));
    report.note("peer:    redis-server from a jar, in memory only");
    report.note("load:    %s, %d clients, %,d keys", load.description(), Load.CLIENTS, Load.KEYS);
    report.print(spec.commandLine().getOut());
    profiles.forEach(Runnable::run);
    return 0;
  }

  /**
   * A pipeline answers more at once, so it gets more to do: rounds are to be of similar length. GET
   * finds what SET has left.
   */
  private List<Load.Mix> mixes() {
    List<Load.Mix> mixes = new ArrayList<>();
    for (int pipeline : pipelines) {
      for (String command : List.of(SET, GET)) {
        mixes.add(
            new Load.Mix(
                command, pipeline, pipeline == 1 ? options.requests : options.requests * 5));
      }
    }
    return mixes;
  }

  private void measure(Trial ours, Trial redis, String name, Report report) throws Exception {
    List<Samples> samples =
        Rounds.run(options.warmUps, options.rounds, List.of(ours::measure, redis::measure));
    report.add(name, samples.get(0), "redis-server", samples.get(1), TARGET);
    report.note(
        "%-9s processor time per request, us: ours %s, redis %s",
        name, ours.perRequest(), redis.perRequest());
  }
}
