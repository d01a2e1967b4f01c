// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What to see in the table: a line for each row, with its own figures. */
final class Remarks {
  private Remarks() {}

  static List<String> of(List<Measured> runs) {
    List<String> lines = new ArrayList<>();
    for (Measured run : runs) {
      lines.add(String.format("%-14s%s", run.name(), of(run)));
    }
    return lines;
  }

  private static String of(Measured run) {
    return switch (run.name()) {
      case "no cache" ->
          "every read and every write is the database's: "
              + perThousand(run)
              + " statements for 1000 operations.";
      case "look-aside" ->
          perThousand(run)
              + " statements for 1000; the application's own code loads, sets and"
              + " deletes, and two clients that miss together both ask.";
      case "read-through" ->
          perThousand(run)
              + " for 1000 with no loading code: the cache loads, once for all who miss"
              + " together. A write still drops the row.";
      default ->
          perThousand(run)
              + " for 1000: a write is committed first, with others that wait, and the"
              + " row stays, hence "
              + percent(run)
              + " hits.";
    };
  }

  private static String perThousand(Measured run) {
    double operations = run.reads().getTotalCount() + run.writes().getTotalCount();
    return String.format(Locale.ROOT, "%.0f", run.statements() * 1_000 / Math.max(1, operations));
  }

  private static String percent(Measured run) {
    return String.format(Locale.ROOT, "%.1f %%", run.hitRate() * 100);
  }
}
