// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import io.cachewright.benchmarks.crash.CrashCommand;
import io.cachewright.benchmarks.database.BehindCommand;
import io.cachewright.benchmarks.database.ReadsCommand;
import io.cachewright.benchmarks.database.WritesCommand;
import io.cachewright.benchmarks.hits.HitsCommand;
import io.cachewright.benchmarks.redis.DurableCommand;
import io.cachewright.benchmarks.redis.RedisCommand;
import io.cachewright.benchmarks.snapshot.SnapshotCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: one subcommand per benchmark. */
@Command(
    name = "benchmarks/run",
    description = {
      "Measures Cachewright beside what it is compared with, in one run, taking turns.",
      "",
      "Only the ratios mean much: machines drift. Leave the machine alone meanwhile.",
      ""
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      HitsCommand.class,
      ReadsCommand.class,
      WritesCommand.class,
      BehindCommand.class,
      RedisCommand.class,
      DurableCommand.class,
      SnapshotCommand.class,
      CrashCommand.class
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  public static void main(String... args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which benchmark? see --help");
  }
}
