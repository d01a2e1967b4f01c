// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.ConfigurationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A table's name as people write it: {@code users}, {@code shop.users}, {@code public."Order
 * Lines"}. A part in quotes is meant to the letter; one without is first taken to the letter, and
 * then, as SQL does, in small letters.
 *
 * @param schema null if none was given
 */
public record TableName(@Nullable Part schema, Part table, String written) {

  /** What is between two dots. */
  public record Part(String text, boolean quoted) {

    boolean is(String name) {
      return text.equals(name);
    }

    /** What a table that is made is called: as SQL does, in small letters if not quoted. */
    public String made() {
      return quoted ? text : text.toLowerCase(Locale.ROOT);
    }

    boolean folded(String name) {
      return !quoted && text.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT));
    }
  }

  /**
   * @throws ConfigurationException if it is no name
   */
  public static TableName parse(String written) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    do {
      at = part(written, at, parts);
    } while (at++ < written.length());
    if (parts.size() > 2) {
      throw malformed(written);
    }
    return parts.size() == 1
        ? new TableName(null, parts.get(0), written)
        : new TableName(parts.get(0), parts.get(1), written);
  }

  /** Reads one part; answers where it ends: at a dot or at the end. */
  private static int part(String written, int start, List<Part> parts) {
    if (start >= written.length() || written.charAt(start) != '"') {
      int dot = written.indexOf('.', start);
      int end = dot < 0 ? written.length() : dot;
      String text = written.substring(Math.min(start, end), end).strip();
      if (text.isEmpty() || text.indexOf('"') >= 0) {
        throw malformed(written);
      }
      parts.add(new Part(text, false));
      return end;
    }
    StringBuilder text = new StringBuilder();
    int at = start + 1;
    while (at < written.length()) {
      char c = written.charAt(at++);
      if (c != '"') {
        text.append(c);
      } else if (at < written.length() && written.charAt(at) == '"') {
        text.append(written.charAt(at++));
      } else {
        break;
      }
    }
    boolean closed = written.charAt(at - 1) == '"' && at > start + 1;
    if (!closed || text.isEmpty() || (at < written.length() && written.charAt(at) != '.')) {
      throw malformed(written);
    }
    parts.add(new Part(text.toString(), true));
    return at;
  }

  private static ConfigurationException malformed(String written) {
    return new ConfigurationException(
        "\"" + written + "\" is no table name; write users, shop.users or shop.\"Order Lines\"");
  }
}
