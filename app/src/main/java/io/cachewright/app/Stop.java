// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

/** What happens on Ctrl-C and SIGTERM: things are closed in good order, and that is said. */
final class Stop {
  private final Console console;
  private final AutoCloseable running;
  private final Thread hook = new Thread(this::run, "cachewright-stop");

  private Stop(Console console, AutoCloseable running) {
    this.console = console;
    this.running = running;
  }

  static Stop onSignal(Console console, AutoCloseable running) {
    Stop stop = new Stop(console, running);
    Runtime.getRuntime().addShutdownHook(stop.hook);
    return stop;
  }

  private void run() {
    console.err().println((console.terminal() ? "\r" : "") + "stopping");
    try {
      running.close();
      console.err().println("stopped");
    } catch (Exception e) {
      console.err().println("stopped, but: " + e);
    }
  }

  /** Closes what has come to its end by itself; a signal that came first does it otherwise. */
  void unlessStopping() throws Exception {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return;
    }
    running.close();
  }
}
