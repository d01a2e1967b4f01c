// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A command that has run in this JVM: what it said, and how it ended. */
public record Run(int exitCode, String out, String err) {

  public static Run of(String... arguments) {
    return with(Map.of(), arguments);
  }

  public static Run with(Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            /* terminal= */ false,
            environment);
    int exitCode = Main.run(console, arguments);
    return new Run(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
