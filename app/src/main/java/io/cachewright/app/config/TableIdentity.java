// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What two names of tables have in common that may be one table, as far as can be said without the
 * database: {@code m}, {@code M} and {@code public.m}. Without a schema it is taken to be the usual
 * one.
 */
final class TableIdentity {
  private static final Pattern PART =
      Pattern.compile("\\s*(?:\"((?:[^\"]|\"\")+)\"|([^\".]+))\\s*(\\.|$)");

  private TableIdentity() {}

  /** What is no name at all is its own: that is told when the table is looked for. */
  static String of(String written, boolean sqlite) {
    List<String> parts = new ArrayList<>();
    Matcher matcher = PART.matcher(written);
    int at = 0;
    boolean more = true;
    while (more && matcher.region(at, written.length()).lookingAt()) {
      String bare = matcher.group(2);
      parts.add(
          bare == null
              ? matcher.group(1).replace("\"\"", "\"")
              : bare.strip().toLowerCase(Locale.ROOT));
      at = matcher.end();
      more = matcher.group(3).equals(".");
    }
    if (more || parts.size() > 2) {
      return written;
    }
    if (parts.size() == 1) {
      parts.add(0, sqlite ? "main" : "public");
    }
    String identity = String.join("\n", parts);
    return sqlite ? identity.toLowerCase(Locale.ROOT) : identity;
  }
}
