// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How long a process has run on a processor, and each of its threads, those of the JVM included.
 *
 * @param threads by the first 15 characters of the name, which is what Linux keeps, and without
 *     numbers at its end
 */
record ThreadTimes(CpuTime process, Map<String, CpuTime> threads) {

  /** From /proc; nothing where there is none. */
  static ThreadTimes of(long pid) throws IOException {
    Map<String, CpuTime> threads = new LinkedHashMap<>();
    Path tasks = Path.of("/proc/" + pid + "/task");
    if (Files.isDirectory(tasks)) {
      try (Stream<Path> all = Files.list(tasks)) {
        for (Path each : all.toList()) {
          threads.merge(name(each), CpuTime.read(each.resolve("stat")), CpuTime::plus);
        }
      }
    }
    return new ThreadTimes(CpuTime.of(pid), threads);
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip().replaceAll("[-#0-9]+$", "");
    } catch (IOException ended) {
      return "ended";
    }
  }

  ThreadTimes minus(ThreadTimes earlier) {
    Map<String, CpuTime> since = new LinkedHashMap<>();
    threads.forEach(
        (name, time) ->
            since.put(name, time.minus(earlier.threads.getOrDefault(name, new CpuTime(0, 0)))));
    return new ThreadTimes(process.minus(earlier.process), since);
  }
}
