// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Java shown in the docs is a region of an example, to the letter, and the examples are run by
 * {@link ExamplesTest}. In the docs a line {@code <!-- example: WriteThrough#transaction -->}
 * stands above such a block; in the example the region is between {@code // tag::transaction[]} and
 * {@code // end::transaction[]}.
 */
class DocsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK =
      Pattern.compile("<!-- example: (\\w+)#([\\w-]+) -->\\n```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern JAVA = Pattern.compile("```java\\n");

  @Test
  void javaInTheDocsIsWhatTheExamplesRun() throws IOException {
    List<String> shown = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page);
      int before = shown.size();
      Matcher block = BLOCK.matcher(text);
      while (block.find()) {
        shown.add(block.group(1) + "#" + block.group(2));
        assertThat(block.group(3))
            .as("%s shows %s#%s", page, block.group(1), block.group(2))
            .isEqualTo(region(block.group(1), block.group(2)));
      }
      assertThat(JAVA.matcher(text).results().count())
          .as("Java in %s, and how much of it is of an example", page)
          .isEqualTo(shown.size() - before);
    }
    assertThat(shown).contains("WriteThrough#write-through", "OwnStore#store", "Mirror#shape");
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages;
  }

  private static String region(String example, String tag) throws IOException {
    Path file = Path.of("src/main/java/io/cachewright/examples", example + ".java");
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(file)) {
      if (line.strip().equals("// end::" + tag + "[]")) {
        inside = false;
      } else if (line.strip().equals("// tag::" + tag + "[]")) {
        inside = true;
      } else if (inside) {
        lines.add(line);
      }
    }
    int indent =
        lines.stream()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> line.length() - line.stripLeading().length())
            .min()
            .orElse(0);
    return lines.stream()
        .map(line -> line.isBlank() ? "" : line.substring(indent))
        .collect(Collectors.joining("\n", "", "\n"))
        .replaceAll("\\n+$", "\n");
  }
}
