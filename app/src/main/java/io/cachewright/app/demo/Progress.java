// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.io.PrintStream;
import java.util.Locale;

/**
 * How far something has got, on a terminal as a bar that is drawn over itself; elsewhere as one
 * line at the end. Thread-safe.
 */
final class Progress {
  static final int WIDTH = 30;

  private final PrintStream out;
  private final boolean terminal;
  private String what = "";
  private int steps;
  private int done;
  private int drawn = -1;
  private long startNanos;

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Something new begins, of so many steps. */
  synchronized void begin(String next, int stepsOfIt) {
    what = next;
    steps = stepsOfIt;
    done = 0;
    drawn = -1;
    startNanos = System.nanoTime();
    draw();
  }

  synchronized void step() {
    done++;
    draw();
  }

  /** Such a part of it is done, 0 to 1. */
  synchronized void at(double part) {
    done = (int) Math.min(steps, part * steps);
    draw();
  }

  /** It is done. */
  synchronized void end(String result) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    String line = String.format(Locale.ROOT, "%-24s %5.1f s  %s", what, seconds, result);
    out.println((terminal ? "\r\033[K" : "") + line.stripTrailing());
    out.flush();
  }

  private void draw() {
    int full = steps == 0 ? 0 : Math.min(WIDTH, done * WIDTH / steps);
    if (terminal && full != drawn) {
      drawn = full;
      out.printf("\r%-24s [%s%s]", what, "#".repeat(full), "·".repeat(WIDTH - full));
      out.flush();
    }
  }
}
