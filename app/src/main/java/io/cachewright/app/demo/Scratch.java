// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import io.cachewright.app.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory for what nobody needs when the demonstration is over: journals, and what was said.
 */
record Scratch(Path directory) implements AutoCloseable {

  /**
   * Makes one.
   *
   * @param parent null for where temporary files are
   */
  static Scratch in(@Nullable Path parent) {
    try {
      return new Scratch(
          parent == null
              ? Files.createTempDirectory("cachewright-demo-data")
              : Files.createTempDirectory(parent, "data"));
    } catch (IOException e) {
      throw Failure.failed("no directory can be made for the journal: " + e, e);
    }
  }

  Path file(String name) {
    return directory.resolve(name.replace(' ', '-'));
  }

  @Override
  public void close() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
