// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.hits;

import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Rounds;
import io.cachewright.benchmarks.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Runs {@link HitBenchmarks}. Every measurement is a JVM of its own (a fork of JMH), so that no
 * subject profits or suffers from what the compiler learned of another.
 */
@Command(
    name = "hits",
    description = "Hits through Keyspace.get, over Caffeine's getIfPresent on the same keys.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class HitsCommand implements Callable<Integer> {
  private static final double TARGET = 0.7;

  @Spec private CommandSpec spec;

  @Option(names = "--entries", split = ",", description = "How many entries are in the cache.")
  private List<Integer> entries = List.of(100_000, 1_000_000);

  @Option(names = "--threads", split = ",", description = "How many threads read.")
  private List<Integer> threads = List.of(1, 2);

  @Option(names = "--draw", split = ",", description = "How keys are drawn: zipf, uniform.")
  private List<String> draws = List.of("zipf");

  @Option(
      names = "--expires",
      arity = "1",
      split = ",",
      description = "Whether entries have a time to live.")
  private List<Boolean> expires = List.of(false, true);

  @Option(names = "--rounds", description = "How often each is measured.")
  private int rounds = 5;

  @Option(names = "--millis", description = "Length of a measurement, after as long a warm-up.")
  private int millis = 2_000;

  @Option(names = "--forks", description = "0: measure in this JVM. Only to see that it runs.")
  private int forks = 1;

  private record Case(int entries, int threads, String draw, boolean expires) {
    String name(String pattern) {
      return String.format(
          Locale.ROOT,
          "%-12s %,9d entries, %s, %d thr.%s",
          pattern,
          entries,
          draw,
          threads,
          expires ? ", TTL" : "");
    }
  }

  @Override
  public Integer call() throws Exception {
    Report report = new Report("Hits over Caffeine", "gets per second, all threads together");
    for (boolean expiring : expires) {
      for (String draw : draws) {
        for (int size : entries) {
          for (int number : threads) {
            measure(new Case(size, number, draw, expiring), report);
          }
        }
      }
    }
    report.note("peer:    Caffeine.getIfPresent, maximumSize 1,000,000, same keys and values");
    report.print(spec.commandLine().getOut());
    return 0;
  }

  private void measure(Case each, Report report) throws Exception {
    List<Rounds.Subject> subjects = new ArrayList<>();
    for (String method : List.of("caffeine", "lookAside", "readThrough")) {
      subjects.add(() -> perSecond(method, each));
    }
    List<Samples> samples = Rounds.run(/* warmUps= */ 0, rounds, subjects);
    report.add(each.name("look-aside"), samples.get(1), "Caffeine", samples.get(0), TARGET);
    report.add(each.name("read-through"), samples.get(2), "Caffeine", samples.get(0), TARGET);
  }

  private double perSecond(String method, Case each) throws RunnerException {
    TimeValue time = TimeValue.milliseconds(millis);
    var options =
        new OptionsBuilder()
            .include(HitBenchmarks.class.getName().replace(".", "\\.") + "\\." + method + "$")
            .param("entries", Integer.toString(each.entries()))
            .param("draw", each.draw())
            .param("expires", Boolean.toString(each.expires()))
            .mode(Mode.Throughput)
            .threads(each.threads())
            .forks(forks)
            .jvmArgsAppend("-Xms4g", "-Xmx4g")
            .warmupIterations(1)
            .warmupTime(time)
            .measurementIterations(1)
            .measurementTime(time)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options).runSingle().getPrimaryResult().getScore();
  }
}
