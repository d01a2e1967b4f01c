// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.app.config.Configuration;
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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/guides/record.md tells one to write and to type answers what stands there. */
final class RecordGuideTest {
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CONSOLE = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
  private static final String PROMPT = "$ redis-cli -p 6380 ";

  @TempDir Path directory;

  private static List<String> found(Pattern pattern) throws IOException {
    Path docs = Files.isDirectory(Path.of("docs")) ? Path.of("docs") : Path.of("..", "docs");
    String guide = Files.readString(docs.resolve("guides/record.md"));
    return pattern.matcher(guide).results().map((MatchResult found) -> found.group(1)).toList();
  }

  @Test
  void p1_itsCommandsAnswerWhatItSaysAndAfterARestart() throws Exception {
    Path file = directory.resolve("cachewright.yaml");
    Files.writeString(file, found(YAML).get(0));
    Map<String, String> variables =
        Map.of(
            "CACHEWRIGHT_DATA",
            directory.resolve("data").toString(),
            "CACHEWRIGHT_LISTEN",
            "127.0.0.1:0");
    Configuration configuration = ConfigurationReader.read(file, variables, Map.of());
    List<String> sessions = found(CONSOLE);
    assertThat(sessions).hasSize(3);
    for (String session : sessions) { // each after a start of its own
      try (Serving serving = Serving.start(configuration);
          RespClient client = new RespClient("127.0.0.1", serving.port())) {
        String[] lines = session.split("\n");
        for (int i = 0; i < lines.length; i += 2) {
          assertThat(lines[i]).startsWith(PROMPT);
          Object reply = client.call(lines[i].substring(PROMPT.length()).split(" "));
          assertThat(shown(reply)).as(lines[i]).isEqualTo(lines[i + 1]);
        }
      }
    }
  }

  private static String shown(Object reply) {
    if (reply instanceof List<?> all) {
      return all.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }
    return reply instanceof Long number ? "(integer) " + number : String.valueOf(reply);
  }
}
