// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words of an inline command, as someone types it into telnet: parted by blanks, quoted with
 * {@code "} (and then with \n, \xff and the like inside) or with {@code '} (and then only \').
 */
final class InlineWords {
  private final byte[] line;
  private final int end;
  private int at;

  private InlineWords(byte[] line, int end) {
    this.line = line;
    this.end = end;
  }

  /** The words before {@code end}; null if a quote is not closed, or closed inside a word. */
  static byte @Nullable [][] of(byte[] line, int end) {
    InlineWords words = new InlineWords(line, end);
    List<byte[]> found = new ArrayList<>();
    while (words.skipBlanks()) {
      byte[] word = words.word();
      if (word == null) {
        return null;
      }
      found.add(word);
    }
    return found.toArray(byte[][]::new);
  }

  private boolean skipBlanks() {
    while (at < end && isBlank(line[at])) {
      at++;
    }
    return at < end;
  }

  private byte @Nullable [] word() {
    ByteArrayOutputStream word = new ByteArrayOutputStream();
    while (at < end && !isBlank(line[at])) {
      byte next = line[at++];
      if (next != '"' && next != '\'') {
        word.write(next);
      } else if (!quoted(next, word)) {
        return null;
      }
    }
    return word.toByteArray();
  }

  /** What stands up to the closing quote, which must end the word. */
  private boolean quoted(byte quote, ByteArrayOutputStream word) {
    while (at < end) {
      byte next = line[at++];
      if (next == quote) {
        return at == end || isBlank(line[at]);
      } else if (next == '\\' && at < end) {
        escaped(quote, word);
      } else {
        word.write(next);
      }
    }
    return false;
  }

  private void escaped(byte quote, ByteArrayOutputStream word) {
    byte next = line[at++];
    if (quote == '\'') {
      if (next != '\'') {
        word.write('\\');
      }
      word.write(next);
    } else if (next == 'x' && at + 1 < end && hex(line[at]) >= 0 && hex(line[at + 1]) >= 0) {
      word.write(hex(line[at]) * 16 + hex(line[at + 1]));
      at += 2;
    } else {
      word.write(
          switch (next) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 7;
            default -> next;
          });
    }
  }

  private static int hex(byte b) {
    return Character.digit(b, 16);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }
}
