// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;

/** Where figures were taken: without it they mean nothing. */
final class Machine {

  private Machine() {}

  static List<String> describe() {
    Runtime runtime = Runtime.getRuntime();
    return List.of(
        "machine: "
            + field("/proc/cpuinfo", "model name", "unknown processor")
            + ", "
            + runtime.availableProcessors()
            + " cores, "
            + memory()
            + ", "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        "java:    "
            + System.getProperty("java.vm.name")
            + " "
            + System.getProperty("java.vm.version")
            + ", "
            + ManagementFactory.getGarbageCollectorMXBeans().get(0).getName()
            + ", heap "
            + (runtime.maxMemory() >> 20)
            + " MB",
        "date:    " + LocalDate.now(ZoneId.systemDefault()));
  }

  private static String memory() {
    String kilobytes = field("/proc/meminfo", "MemTotal", "").replaceAll("[^0-9]", "");
    return kilobytes.isEmpty()
        ? "unknown memory"
        : Math.round(Long.parseLong(kilobytes) / 1048576.0) + " GB";
  }

  private static String field(String file, String name, String absent) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse(absent);
    } catch (IOException e) {
      return absent; // not Linux
    }
  }
}
