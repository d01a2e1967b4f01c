// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/**
 * The patterns of KEYS and MATCH: {@code *}, {@code ?}, {@code [a-c]}, {@code [^a]} and {@code \}
 * before a character that is to stand for itself. Works in time of pattern times text: a star goes
 * back only to the last star.
 */
final class Glob {
  static final Glob ALL = new Glob(new byte[] {'*'});

  private final byte[] pattern;

  Glob(byte[] pattern) {
    this.pattern = pattern;
  }

  boolean matches(byte[] text) {
    int at = 0;
    int p = 0;
    int star = -1;
    int starAt = 0;
    while (at < text.length) {
      int next = p < pattern.length && pattern[p] != '*' ? afterOne(p, text[at]) : -1;
      if (p < pattern.length && pattern[p] == '*') {
        star = ++p;
        starAt = at;
      } else if (next >= 0) {
        p = next;
        at++;
      } else if (star >= 0) {
        p = star;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == '*') {
      p++;
    }
    return p == pattern.length;
  }

  /** Where the pattern goes on after this character; -1 if it does not match here. */
  private int afterOne(int p, byte c) {
    return switch (pattern[p]) {
      case '?' -> p + 1;
      case '[' -> afterClass(p + 1, c);
      case '\\' -> {
        int literal = p + 1 < pattern.length ? p + 1 : p;
        yield pattern[literal] == c ? literal + 1 : -1;
      }
      default -> pattern[p] == c ? p + 1 : -1;
    };
  }

  /** A class that is not closed ends with the pattern. */
  private int afterClass(int begin, byte c) {
    int p = begin;
    boolean not = p < pattern.length && pattern[p] == '^';
    if (not) {
      p++;
    }
    boolean found = false;
    while (p < pattern.length && pattern[p] != ']') {
      if (pattern[p] == '\\' && p + 1 < pattern.length) {
        p++;
        found |= pattern[p] == c;
      } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
        int low = Math.min(pattern[p] & 0xff, pattern[p + 2] & 0xff);
        int high = Math.max(pattern[p] & 0xff, pattern[p + 2] & 0xff);
        found |= (c & 0xff) >= low && (c & 0xff) <= high;
        p += 2;
      } else {
        found |= pattern[p] == c;
      }
      p++;
    }
    return found == not ? -1 : Math.min(p + 1, pattern.length);
  }
}
