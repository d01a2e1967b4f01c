// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.app.Run;
import io.cachewright.app.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoTest {
  @TempDir Path directory;

  @Test
  void theShortFormMeasuresEveryCell() {
    Run run = Run.of("demo", "--short", "--seconds", "0.4", "--data", directory.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).last().isEqualTo("demo: table complete");
    for (String row :
        List.of(
            "no cache", "look-aside", "read-through", "write-through", "write-behind", "record")) {
      assertThat(run.out())
          .containsPattern("(?m)^" + row + "( +[0-9][0-9 ]*){2}( +[0-9.]+ ms){4} +[0-9 ]+ +\\S+");
    }
    assertThat(run.out())
        .containsPattern(
            "(?m)^acknowledged ([1-9][0-9,]*) writes; killed with SIGKILL when [0-9,]+ of them were"
                + " in the journal only; restarted in [0-9.]+ s; found \\1 of \\1 in the database");
    assertThat(run.err()).contains("rows in 4 tables").doesNotContain("\r");
    assertThat(directory.resolve("cachewright-demo.db")).exists();
  }

  @Test
  void onPostgresItHasASchemaOfItsOwnAndRemovesIt() {
    String url = TestDatabase.postgres("demo");
    Run run = Run.of("demo", "--short", "--seconds", "0.4", "--database", url);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("schema cachewright_demo", "demo: table complete")
        .containsPattern("found ([1-9][0-9,]*) of \\1 in the database");
    TestDatabase.asOwner("demo", "create schema cachewright_demo"); // fails if there is one
  }

  @Test
  void aSchemaThatSomebodyElseHasMadeIsNotTouched() {
    String url = TestDatabase.postgres("demo_taken");
    TestDatabase.asOwner(
        "demo_taken", "create schema cachewright_demo", "create table cachewright_demo.t (i int)");
    Run run = Run.of("demo", "--short", "--database", url);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("was not made by `cachewright demo`");
    TestDatabase.asOwner("demo_taken", "insert into cachewright_demo.t values (1)");
  }

  @Test
  void wrongOptionsAreRefusedBeforeAnythingIsMade() throws Exception {
    String data = directory.toString();
    assertThat(Run.of("demo", "--data", data, "--seconds", "-1").exitCode()).isEqualTo(2);
    // It is needed at the end only; --short, so that it ends in any case.
    Run port = Run.of("demo", "--short", "--data", data, "--seconds", "0.1", "--port", "99999");
    assertThat(port.exitCode()).isEqualTo(2);
    assertThat(port.err()).contains("--port must be a number from 0 to 65535, was 99999");
    assertThat(Run.of("demo", "--data", data, "--round-trip", "5").err()).contains("has no unit");
    assertThat(Run.of("demo", "--database", "sqlite:x.db").err()).contains("--data DIR");
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void zipfDrawsEveryKeyAndSomeFarMoreOften() {
    Zipf zipf = new Zipf(1_000, 0.99);
    Random random = new Random(1);
    int[] drawn = new int[1_001];
    IntStream.range(0, 1_000_000).forEach(i -> drawn[zipf.next(random)]++);
    assertThat(drawn[0]).isZero();
    assertThat(IntStream.rangeClosed(1, 1_000).filter(key -> drawn[key] > 0).count())
        .isEqualTo(1_000);
    assertThat(IntStream.of(drawn).max().orElseThrow()).isBetween(100_000, 160_000);
  }
}
