// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

/** What happens on Ctrl-C and SIGTERM: things are closed in good order, and that is said. */
final class Stop {
  private Stop() {}

  static void onSignal(Console console, AutoCloseable running) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  console.err().println((console.terminal() ? "\r" : "") + "stopping");
                  try {
                    running.close();
                    console.err().println("stopped");
                  } catch (Exception e) {
                    console.err().println("stopped, but: " + e);
                  }
                },
                "cachewright-stop"));
  }
}
