// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command sees of the world.
 *
 * @param out what was asked for
 * @param err what goes on meanwhile, and errors
 * @param terminal whether a person looks at {@code err}, so that a line may be drawn over
 * @param environment the variables
 */
public record Console(
    PrintStream out, PrintStream err, boolean terminal, Map<String, String> environment) {

  static Console ofProcess() {
    return new Console(System.out, System.err, errIsTerminal(), System.getenv());
  }

  @SuppressWarnings("SystemConsoleNull") // from 22 on it is wrong only where there is no /proc
  private static boolean errIsTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return System.console() != null;
    }
  }
}
