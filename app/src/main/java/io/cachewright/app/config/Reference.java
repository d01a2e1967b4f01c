// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import io.cachewright.app.config.Setting.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The part of {@code docs/configuration.md} that is made from {@link Settings}. */
final class Reference {
  private Reference() {}

  static String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("### Outermost keys");
    lines.add("");
    table(lines, Settings.in(Scope.TOP), true);
    lines.add("");
    lines.add("### Keyspaces");
    lines.add("");
    lines.add(
        "These stand under `keyspaces.<name>`; the last columns say which may also stand under"
            + " `defaults` and `plain`. `write-behind.max-delay` is `max-delay` in the group"
            + " `write-behind`, as in `write-behind: { max-delay: 500ms }`.");
    lines.add("");
    table(lines, Settings.in(Scope.KEYSPACE), false);
    return String.join("\n", lines) + "\n";
  }

  private static void table(List<String> lines, List<Setting<?>> settings, boolean top) {
    String last = top ? "variable" : "`defaults` | `plain`";
    lines.add("| key | type | default | " + last + " | meaning |");
    lines.add("| --- | --- | --- |" + (top ? " --- |" : " --- | --- |") + " --- |");
    for (Setting<?> setting : settings) {
      String where =
          top
              ? code(setting.variable())
              : yes(setting.isIn(Scope.DEFAULTS)) + " | " + yes(setting.isIn(Scope.PLAIN));
      lines.add(
          "| "
              + String.join(
                  " | ",
                  code(setting.name()),
                  setting.type().described(),
                  code(setting.standardText()),
                  where,
                  setting.summary())
              + " |");
    }
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  private static String yes(boolean is) {
    return is ? "yes" : "";
  }

  /** The page with this part between its marks. */
  static String into(String page) {
    String begin = "<!-- settings: generated, do not edit -->\n";
    String end = "<!-- end of settings -->";
    int from = page.indexOf(begin);
    int to = page.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "no marks %s and %s", begin.strip(), end));
    }
    return page.substring(0, from + begin.length()) + "\n" + markdown() + "\n" + page.substring(to);
  }
}
