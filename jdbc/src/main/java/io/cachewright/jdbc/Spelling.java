// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Which names somebody may have meant. */
final class Spelling {
  private static final int DISTANCE_MAX = 3;
  private static final int SUGGESTIONS_MAX = 3;

  private Spelling() {}

  /** Those of a few wrong letters, the nearest first; also those that only lack a schema. */
  static List<String> nearest(String name, List<String> names) {
    return names.stream()
        .filter(each -> distance(name, each) <= DISTANCE_MAX)
        .sorted(Comparator.comparingInt(each -> distance(name, each)))
        .limit(SUGGESTIONS_MAX)
        .toList();
  }

  private static int distance(String wanted, String there) {
    String a = bare(wanted);
    String b = bare(there);
    int bareDistance = levenshtein(a, b);
    return bareDistance * 3 >= Math.max(a.length(), b.length()) * 2
        ? DISTANCE_MAX + 1
        : bareDistance;
  }

  private static String bare(String name) {
    String lower = name.toLowerCase(Locale.ROOT).replace("\"", "");
    return lower.substring(lower.lastIndexOf('.') + 1);
  }

  private static int levenshtein(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(change, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
