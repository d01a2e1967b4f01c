// SPDX-License-Identifier: Apache-2.0
package io.cachewright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every example runs and prints what it promises. */
class ExamplesTest {
  private static final Path SOURCES = Path.of("src/main/java/io/cachewright/examples");

  @Test
  void lookAside() throws Exception {
    assertThat(printedBy(LookAside::main))
        .containsExactly("session 7f3a is Ann's", "the page is <h1>/about</h1>", "1 hit, 1 page");
  }

  @Test
  void readThrough() throws Exception {
    assertThat(printedBy(ReadThrough::main))
        .containsExactly(
            "loaded Product[id=1, name=Anvil, price=99.50] and then 2 products",
            "and now Product[id=1, name=Anvil, price=89.00]",
            "product 404 is null",
            "4 SELECTs");
  }

  @Test
  void writeThrough() throws Exception {
    assertThat(printedBy(WriteThrough::main))
        .containsExactly(
            "the database says 8",
            "left: 5, orders: 1",
            "refused; still Stock[product=anvil, pieces=5]");
  }

  @Test
  void ownStore() throws Exception {
    assertThat(printedBy(OwnStore::main))
        .containsExactly(
            "in the file: coal, iron",
            "loaded again: coal, iron, tongs",
            "refused: no note is called so",
            "removed: true");
  }

  @Test
  void mirror() throws Exception {
    assertThat(printedBy(Mirror::main))
        .containsExactly(
            "the table says Ann32026-12-01", "and in JSON {\"items\": 3, \"due\": \"2026-12-01\"}");
  }

  @Test
  void metrics() throws Exception {
    assertThat(printedBy(Metrics::main)).containsExactly("1 hit, 1 miss");
  }

  /** The README's snippets are taken from these regions. */
  @Test
  void everyTagThatBeginsEnds() throws IOException {
    Pattern tag = Pattern.compile("// (tag|end)::([a-z-]+)\\[]");
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Deque<String> open = new ArrayDeque<>();
        Matcher matcher = tag.matcher(Files.readString(file));
        while (matcher.find()) {
          if (matcher.group(1).equals("tag")) {
            open.push(matcher.group(2));
          } else {
            assertThat(open.poll()).as(file.toString()).isEqualTo(matcher.group(2));
          }
        }
        assertThat(open).as(file.toString()).isEmpty();
      }
    }
  }

  private interface Program {
    void run(String... args) throws Exception;
  }

  private static List<String> printedBy(Program program) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(out);
      program.run();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
