// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** The results side by side, as lines of text. */
final class ResultTable {
  private static final List<String> TITLES =
      List.of(
          "",
          "reads/s",
          "writes/s",
          "read p50",
          "read p99",
          "write p50",
          "write p99",
          "statements",
          "hit rate");

  private ResultTable() {}

  static List<String> of(List<Measured> runs) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(TITLES);
    runs.forEach(run -> rows.add(cells(run)));
    int[] widths = new int[TITLES.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      lines.add(line(row, widths));
    }
    int width = lines.get(0).length();
    lines.add(1, "─".repeat(width));
    return lines;
  }

  private static List<String> cells(Measured run) {
    return List.of(
        run.name(),
        count(run.readsPerSecond()),
        count(run.writesPerSecond()),
        millis(run.reads(), 50),
        millis(run.reads(), 99),
        millis(run.writes(), 50),
        millis(run.writes(), 99),
        count((double) run.statements()),
        run.hasCache() ? String.format(Locale.ROOT, "%.1f %%", run.hitRate() * 100) : "no cache");
  }

  private static String line(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - cells.get(i).length());
      line.append(i == 0 ? cells.get(i) + padding : "  " + padding + cells.get(i));
    }
    return line.toString();
  }

  /** 12345 as {@code 12 345}. */
  static String count(double number) {
    return String.format(Locale.ROOT, "%,d", Math.round(number)).replace(',', ' ');
  }

  private static String millis(Histogram latencies, double percentile) {
    if (latencies.getTotalCount() == 0) {
      return "–";
    }
    double millis = latencies.getValueAtPercentile(percentile) / 1e6;
    return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.1f ms", millis);
  }
}
