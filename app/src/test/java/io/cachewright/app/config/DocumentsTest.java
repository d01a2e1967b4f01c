// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents say what is so. {@code -Dupdate.docs=true} writes the generated part anew. */
final class DocumentsTest {
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final Path DOCS = docs();

  /** Tests run in the module's directory. */
  private static Path docs() {
    Path here = Path.of("docs").toAbsolutePath();
    return Files.isDirectory(here) ? here : Path.of("..", "docs").toAbsolutePath().normalize();
  }

  @Test
  void theReferenceIsWhatTheSettingsAre() throws IOException {
    Path page = DOCS.resolve("configuration.md");
    String written = Files.readString(page);
    String current = Reference.into(written);
    if (Boolean.getBoolean("update.docs")) {
      Files.writeString(page, current);
    } else {
      assertThat(written)
          .as("docs/configuration.md is not current: run this test with -Dupdate.docs=true")
          .isEqualTo(current);
    }
  }

  @Test
  void everyConfigurationInTheDocumentsCanBeUsed() throws IOException {
    List<Path> pages = List.of(DOCS.resolve("configuration.md"), DOCS.resolve("guides"));
    int found = 0;
    for (Path page : pages) {
      try (Stream<Path> files = Files.walk(page)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".md")).toList()) {
          Matcher matcher = YAML.matcher(Files.readString(file));
          while (matcher.find()) {
            assertThat(ConfigurationReader.readText(matcher.group(1), file.toString())).isNotNull();
            found++;
          }
        }
      }
    }
    assertThat(found).isGreaterThanOrEqualTo(3);
  }
}
