// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandLineTest {
  @TempDir Path directory;

  @Test
  void helpTeaches() {
    Run run = Run.of("--help");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("serve", "demo", "init", "check", "Exit codes", "redis-cli -p 6380 HGETALL");
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "demo", "init", "check", "status", "parked"})
  void everyCommandHasTwoExamples(String command) {
    Run run = Run.of(command, "--help");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().lines().filter(line -> line.startsWith("  cachewright " + command)))
        .hasSizeGreaterThanOrEqualTo(2);
    assertThat(run.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(Run.of("--version").out()).matches("cachewright [0-9]+\\.[0-9]+\\.[0-9]+.*\\R");
  }

  @Test
  void whatThereIsNotIsToldWithWhatIsNear() {
    Run command = Run.of("srve");
    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.err()).contains("srve", "serve").doesNotContain("\tat ");
    Run option = Run.of("serve", "--databse", "x");
    assertThat(option.exitCode()).isEqualTo(2);
    assertThat(option.err()).contains("--databse", "--database", "cachewright serve --help");
    assertThat(Run.of().exitCode()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "init", "check"})
  void withoutADatabaseTheyAreOfNoUse(String command) {
    Run run = Run.of(command);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("cachewright: no").contains("--database").hasLineCount(1);
  }

  @Test
  void aBadFileIsToldByFileLineAndColumn() throws Exception {
    Path file = directory.resolve("c.yaml");
    Files.writeString(file, "database: sqlite:a.db\nlisten: 1\nkeyspaces: { a: { ttl: x } }\n");
    Run run = Run.of("serve", "--config", file.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .containsExactly(
            "cachewright: 2 problems in the configuration",
            file + ":2:9: listen: \"1\" is no address; write HOST:PORT, as in 127.0.0.1:6380",
            file + ":3:24: ttl: \"x\" is no duration; write 500ms, 10s, 10m, 1h or 1d");
  }

  @Test
  void theFileCanBeNamedByAVariable() {
    Run empty = Run.with(Map.of("CACHEWRIGHT_CONFIG", ""), "check");
    assertThat(empty.exitCode()).isEqualTo(2);
    assertThat(empty.err()).contains("variable CACHEWRIGHT_CONFIG: it is empty", "unset");
    Run run = Run.with(Map.of("CACHEWRIGHT_CONFIG", "/no/such.yaml"), "check");
    assertThat(run.err()).contains("variable CACHEWRIGHT_CONFIG: /no/such.yaml");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("/no/such.yaml");
  }

  @Test
  void aVariableThatMeansNothingIsToldWithWhatIsNear() {
    Map<String, String> environment =
        Map.of(
            "CACHEWRIGHT_LISTN", "secret",
            "CACHEWRIGHT_PORT", "tcp://10.0.0.1:6380", // Kubernetes, for a service of this name
            "CACHEWRIGHT_SERVICE_HOST", "10.0.0.1",
            "CACHEWRIGHT_TTL", "1m",
            "CACHEWRIGHT_CONFIG", "/no/such.yaml");
    assertThat(Run.with(environment, "check").err().lines())
        .hasSize(3)
        .contains(
            "cachewright: warning: CACHEWRIGHT_LISTN is the variable of no setting (did you mean"
                + " listen?)",
            "cachewright: warning: CACHEWRIGHT_TTL is the variable of no setting; only the"
                + " outermost settings have variables");
  }

  @Test
  void aStackTraceIsPrintedOnlyIfAskedFor() {
    assertThat(Run.of("serve", "--database", "x").err()).doesNotContain("\tat ");
    assertThat(Run.of("serve", "--database", "x", "--verbose").err()).contains("\tat ");
  }
}
