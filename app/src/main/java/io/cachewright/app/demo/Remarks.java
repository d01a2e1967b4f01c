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
    String statements = perThousand(run);
    return switch (run.name()) {
      case "no cache" ->
          statements + " statements for 1000 operations: the database does everything.";
      case "look-aside" ->
          statements + ": your code loads, sets and deletes; two that miss together both ask.";
      case "read-through" ->
          statements + ": the cache loads, once for all that miss together; a write drops the row.";
      case Contender.WRITE_BEHIND ->
          statements
              + ": answered when it is on disk in the journal; many go to the database together.";
      case Contender.RECORD ->
          statements + ": the cache is the database, durable in journal and snapshots.";
      default ->
          statements
              + ": writes that wait share a commit, and rows stay ("
              + percent(run)
              + " hits); a lone write takes one trip more.";
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
