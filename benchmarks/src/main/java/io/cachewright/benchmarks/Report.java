// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The result of a benchmark: a table, a line for each note, and the machine. */
public final class Report {
  private static final int COLUMNS = 7;

  private final String title;
  private final String unit;
  private final List<String[]> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * @param unit of the figures, above the table
   */
  public Report(String title, String unit) {
    this.title = title;
    this.unit = unit;
    rows.add(new String[] {"", "ours", "peer", "", "ratio", "min..max", "target"});
  }

  /**
   * Adds a line of the table.
   *
   * @param peer what is compared with
   * @param target the least ratio that is good enough; null if there is none
   */
  public void add(String what, Samples ours, String peer, Samples others, @Nullable Double target) {
    Samples ratio = ours.over(others);
    String aim = "";
    if (target != null) {
      aim = number(">= %.2f %s", target, ratio.median() >= target ? "met" : "BELOW");
    }
    rows.add(
        new String[] {
          what,
          number("%,.0f", ours.median()),
          number("%,.0f", others.median()),
          peer,
          number("%.2f", ratio.median()),
          number("%.2f..%.2f", ratio.min(), ratio.max()),
          aim
        });
  }

  /** Adds a line under the table. */
  public void note(String format, Object... values) {
    notes.add(number(format, values));
  }

  public void print(PrintWriter out) {
    out.println();
    out.println(title + " (" + unit + "; medians)");
    out.println();
    int[] widths = new int[COLUMNS];
    for (String[] row : rows) {
      for (int i = 0; i < COLUMNS; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < COLUMNS; i++) {
        boolean text = i == 0 || i == 3 || i == COLUMNS - 1;
        line.append(number(text ? "%-" + width(widths[i]) : "%" + width(widths[i]), row[i]));
      }
      out.println(line.toString().stripTrailing());
    }
    out.println();
    notes.forEach(out::println);
    Machine.describe().forEach(out::println);
    out.println();
    out.flush();
  }

  private static String width(int width) {
    return Math.max(1, width) + "s  ";
  }

  /** With a point and commas, wherever it is run. */
  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
