// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories for what is of no use when it has been measured. */
public final class Scratch {

  private Scratch() {}

  /** Where temporary files are: on the disk that is measured, unless that is memory. */
  public static Path newDirectory() throws IOException {
    return Files.createTempDirectory("cachewright-benchmark");
  }

  public static void delete(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
