// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every benchmark runs and prints a whole table. How fast anything is does not matter here. */
class BenchmarksTest {
  /** What was measured, both figures, who the peer is, and the ratio with its bounds. */
  private static final Pattern ROW =
      Pattern.compile("^ *\\S.*  +[\\d,]+  +[\\d,]+  \\S+ +[\\d.]+  +[\\d.]+\\.\\.[\\d.]+.*$");

  @Test
  void hits() {
    String output = run("hits --entries 500 --threads 2 --rounds 1 --millis 20 --forks 0");
    assertThat(rows(output)).isEqualTo(4); // look-aside and read-through, without and with TTL
    assertThat(output).contains("read-through", "TTL", "machine: ", "java: ");
  }

  @Test
  void hitsOfUniformlyDrawnKeys() {
    String output =
        run("hits --entries 500 --threads 1 --rounds 1 --millis 20 --forks 0 --draw uniform");
    assertThat(rows(output)).isEqualTo(4);
  }

  @Test
  void reads() {
    String output = run("reads --rows 300 --threads 4 --rounds 2");
    assertThat(rows(output)).isEqualTo(1);
    assertThat(output).contains("PostgreSQL 1", "fsync on", "keys per SELECT");
  }

  @Test
  void writes() {
    String output = run("writes --rows 20 --threads 1,4 --rounds 2");
    assertThat(rows(output)).isEqualTo(3);
    assertThat(output)
        .contains("PostgreSQL 1", "synchronous_commit on", "statements per put", "4 at once");
  }

  @Test
  void behind() {
    String output =
        run(
            "behind --rows 2000 --in-flight 100 --batch 500 --threads 4 --puts 200 --warm-ups 0"
                + " --rounds 2");
    assertThat(rows(output)).isEqualTo(5);
    assertThat(output).contains("drain, poisoned", "updates: ", "waiting: ", "recovery: ");
  }

  @Test
  void crash() {
    assertThat(run("crash --kills 1 --writers 4"))
        .contains("are in the database, or in the record keys, each once");
  }

  @Test
  void redisWithTheBuiltInLoad() {
    String output =
        run("redis --load built-in --requests 2000 --rounds 1 --warm-ups 0 --jvm -Xmx64m");
    assertThat(rows(output)).isEqualTo(4);
    assertThat(output).contains("GET -P 16", "SET -P 1 ", "50 clients", "redis-server");
  }

  @Test
  void redisWithAProfile() {
    String output =
        run(
            "redis --load built-in --requests 2000 --rounds 1 --warm-ups 0 --pipeline 4"
                + " --jvm -Xmx64m --profile");
    assertThat(rows(output)).isEqualTo(2);
    assertThat(output).contains("Profile of GET -P 4", "kernel", "decode", "hottest methods");
  }

  @Test
  void durable() {
    String output =
        run("durable --load built-in --requests 2000 --rounds 1 --warm-ups 0 --jvm -Xmx64m");
    assertThat(rows(output)).isEqualTo(12);
    assertThat(output)
        .contains(
            "HSET users -P 16, fsync",
            "SET kv -P 1, interval",
            "HSET h",
            "redis-always",
            "redis-everysec",
            "synchronous_commit");
  }

  @Test
  void durableWithAProfile() {
    String output =
        run(
            "durable --load built-in --requests 2000 --rounds 1 --warm-ups 0 --pipeline 4"
                + " --durability interval --jvm -Xmx64m --profile");
    assertThat(rows(output)).isEqualTo(3);
    assertThat(output).contains("Profile of HSET users -P 4, interval", "jdbc", "threads:");
  }

  @Test
  void snapshot() {
    String output = run("snapshot --entries 2000 --rounds 2 --warm-ups 0");
    assertThat(rows(output)).isEqualTo(3);
    assertThat(output).contains("longest put, us", "entries/s", "collector: ");
  }

  @Test
  void helpNamesEveryBenchmark() {
    assertThat(run("--help"))
        .contains("hits", "reads", "writes", "behind", "redis", "durable", "snapshot");
  }

  private static String run(String arguments) {
    StringWriter output = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(output)).setErr(new PrintWriter(output, true));
    int exit = commandLine.execute(arguments.split(" "));
    commandLine.getOut().flush();
    assertThat(exit).as(output.toString()).isZero();
    return output.toString();
  }

  private static long rows(String output) {
    return output.lines().filter(line -> ROW.matcher(line).matches()).count();
  }
}
