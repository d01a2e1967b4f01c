// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.util.List;
import picocli.CommandLine.Option;

/** What every benchmark through the Redis protocol can be told. */
final class LoadOptions {
  @Option(
      names = "--load",
      description = {
        "Who sends: ${COMPLETION-CANDIDATES}.",
        "auto: redis-benchmark if it is installed, else the built-in generator."
      })
  Generator generator = Generator.AUTO;

  @Option(names = "--requests", description = "Commands per round without a pipeline.")
  int requests = 200_000;

  @Option(names = "--rounds", description = "How often each is measured.")
  int rounds = 5;

  @Option(names = "--warm-ups", description = "Rounds that are run first and not counted.")
  int warmUps = 3;

  @Option(
      names = "--jvm",
      split = " ",
      description = "Options of the JVM that is Cachewright's server.")
  List<String> jvmOptions = List.of("-Xms1g", "-Xmx1g");

  @Option(names = "--profile", description = "Says, too, where our server's time goes.")
  boolean profile;
}
