// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long a process has run on a processor, in seconds.
 *
 * @param user in its own code
 * @param system in the kernel's: system calls
 */
record CpuTime(double user, double system) {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ: the same on every Linux

  /** From /proc; zero where there is none. */
  static CpuTime of(long pid) {
    return read(Path.of("/proc/" + pid + "/stat"));
  }

  /** Of a process or a thread. */
  static CpuTime read(Path file) {
    try {
      String stat = Files.readString(file);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return new CpuTime(
          Long.parseLong(fields[11]) / TICKS_PER_SECOND,
          Long.parseLong(fields[12]) / TICKS_PER_SECOND);
    } catch (IOException e) {
      return new CpuTime(0, 0);
    }
  }

  CpuTime plus(CpuTime other) {
    return new CpuTime(user + other.user, system + other.system);
  }

  double all() {
    return user + system;
  }

  CpuTime minus(CpuTime earlier) {
    return new CpuTime(user - earlier.user, system - earlier.system);
  }
}
