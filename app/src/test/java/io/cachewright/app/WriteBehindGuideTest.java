// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.demo.RespClient;
import io.cachewright.app.serve.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/guides/write-behind.md tells one to write and to type does what it says. */
final class WriteBehindGuideTest {
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern REDIS = Pattern.compile("(?m)^\\$ redis-cli -p 6380 (.*)$");
  private static final Pattern PARKED = Pattern.compile("(?m)^\\$ cachewright (parked.*)$");

  @TempDir Path directory;

  private static String guide() throws IOException {
    Path docs = Files.isDirectory(Path.of("docs")) ? Path.of("docs") : Path.of("..", "docs");
    return Files.readString(docs.resolve("guides/write-behind.md"));
  }

  private static List<String> found(Pattern pattern) throws IOException {
    return pattern.matcher(guide()).results().map((MatchResult found) -> found.group(1)).toList();
  }

  @Test
  void itsCommandsAreAnsweredByItsConfigurationAndReachTheTable() throws Exception {
    Path file = directory.resolve("cachewright.yaml");
    Files.writeString(file, found(YAML).get(0));
    Map<String, String> variables =
        Map.of(
            "CACHEWRIGHT_DATABASE",
            TestDatabase.sqlite(
                directory.resolve("shop.db"),
                "create table orders (id integer primary key, state text, pieces integer)",
                "create table customers (id integer primary key)"),
            "CACHEWRIGHT_DATA",
            directory.resolve("data").toString(),
            "CACHEWRIGHT_LISTEN",
            "127.0.0.1:0");
    Run check = Run.with(variables, "check", "--config", file.toString());
    assertThat(check.out()).contains("orders.pattern", "write-behind", "all is well");
    List<?> last = List.of();
    try (Serving serving = Serving.start(ConfigurationReader.read(file, variables, Map.of()));
        RespClient client = new RespClient("127.0.0.1", serving.port())) {
      for (String command : found(REDIS)) {
        last = client.call(command.split(" ")) instanceof List<?> row ? row : last;
      }
    }
    assertThat(last.toString()).contains("state, sent", "pieces, 2");
    assertThat(TestDatabase.count(directory.resolve("shop.db"), "orders where state = 'sent'"))
        .isEqualTo(1);
  }

  @Test
  void itsCommandsOfParkedChangesAreUnderstood() throws Exception {
    for (String command : found(PARKED)) {
      Run run = Run.of((command + " --listen 127.0.0.1:1").split(" "));
      assertThat(run.err()).contains("no server answers");
    }
    assertThat(found(PARKED)).hasSize(4);
  }
}
