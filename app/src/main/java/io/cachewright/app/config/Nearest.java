// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.Collection;
import java.util.Locale;

/** The known word that was probably meant: for "did you mean". */
public final class Nearest {
  private Nearest() {}

  /** {@code " (did you mean ttl?)"}; empty if no word is near. */
  public static String asQuestion(String given, Collection<String> known) {
    String best = "";
    // More than a third of the letters wrong is another word, not a slip.
    int bound = Math.max(1, given.length() / 3) + 1;
    for (String each : known) {
      int distance = distance(given.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
      if (distance < bound) {
        bound = distance;
        best = each;
      }
    }
    return best.isEmpty() ? "" : " (did you mean " + best + "?)";
  }

  /** How many letters must be put in, left out, replaced, or swapped with their neighbour. */
  private static int distance(String a, String b) {
    int[][] costs = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        costs[i][j] = i == 0 || j == 0 ? i + j : cheapest(costs, a, b, i, j);
      }
    }
    return costs[a.length()][b.length()];
  }

  private static int cheapest(int[][] costs, String a, String b, int i, int j) {
    int replaced = costs[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int cost = Math.min(replaced, Math.min(costs[i - 1][j], costs[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(cost, costs[i - 2][j - 2] + 1) : cost;
  }
}
