// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The load generator that comes with Redis, where it is installed. */
record RedisBenchmark(Path executable, String description) implements Load {

  /** Null if it is not on the PATH. */
  static @Nullable RedisBenchmark find() throws IOException, InterruptedException {
    String path = System.getenv("PATH");
    for (String directory : path == null ? new String[0] : path.split(":")) {
      Path executable = Path.of(directory, "redis-benchmark");
      if (Files.isExecutable(executable)) {
        return new RedisBenchmark(executable, run(executable, List.of("--version")).strip());
      }
    }
    return null;
  }

  @Override
  public double perSecond(int port, Mix mix) throws IOException, InterruptedException {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(port)));
    options.addAll(List.of("-c", Integer.toString(CLIENTS)));
    options.addAll(List.of("-n", Integer.toString(mix.requests())));
    options.addAll(List.of("-P", Integer.toString(mix.pipeline())));
    options.addAll(List.of("-r", Integer.toString(KEYS), "--csv"));
    options.addAll(List.of(mix.command().split(" ")));
    return rate(run(executable, options), mix.command());
  }

  /**
   * {@code "GET key:__rand_int__","123456.78",…}: the second field of the line that begins with the
   * command. There is none after an error: it ends at the first.
   */
  static double rate(String csv, String command) throws IOException {
    for (String line : csv.split("\n")) {
      String[] fields = line.replace("\"", "").split(",");
      if (fields.length > 1 && fields[0].equals(command)) {
        return Double.parseDouble(fields[1]);
      }
    }
    throw new IOException("redis-benchmark said no rate of " + command + ": " + csv);
  }

  private static String run(Path executable, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(options);
    command.add(0, executable.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int result = process.waitFor();
    if (result != 0) {
      throw new IOException(command + " ended with " + result + ": " + output);
    }
    return output;
  }
}
