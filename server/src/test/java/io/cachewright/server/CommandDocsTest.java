// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/commands.md} is made from the table of commands. After a change of the table: {@code
 * mvn -pl server -am test -Dtest=CommandDocsTest -Dcachewright.docs=write
 * -Dsurefire.failIfNoSpecifiedTests=false}
 */
class CommandDocsTest {

  @Test
  void docsAreCurrent() throws IOException {
    Path file = Path.of("..", "docs", "commands.md");
    String docs = CommandDocs.markdown(Family.all());
    if ("write".equals(System.getProperty("cachewright.docs"))) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, docs);
    }
    assertThat(file).content().isEqualTo(docs);
  }
}
