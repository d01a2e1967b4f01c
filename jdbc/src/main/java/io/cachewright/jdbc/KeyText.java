// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys as one text: the parts joined by {@code :}, and in each part {@code :} as {@code %3A} and
 * {@code %} as {@code %25}. Reading takes any byte of UTF-8 in this form.
 */
final class KeyText {
  private static final int HEX = 16;

  /** What Java makes of bytes that are no UTF-8. */
  private static final char REPLACED = '\ufffd';

  private KeyText() {}

  static String join(List<String> parts) {
    StringBuilder text = new StringBuilder();
    for (int n = 0; n < parts.size(); n++) {
      String part = parts.get(n);
      text.append(n == 0 ? "" : ":");
      for (int i = 0; i < part.length(); i++) {
        char c = part.charAt(i);
        switch (c) {
          case ':' -> text.append("%3A");
          case '%' -> text.append("%25");
          default -> text.append(c);
        }
      }
    }
    return text.toString();
  }

  /** The parts of a key of so many columns; a key of one column may hold bare colons. */
  static List<String> split(String text, int columns) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int at = 0; columns > 1 && at < text.length(); at++) {
      if (text.charAt(at) == ':') {
        parts.add(decoded(text.substring(start, at)));
        start = at + 1;
      }
    }
    parts.add(decoded(text.substring(start)));
    return parts;
  }

  /**
   * The text of UTF-8 from this byte on. Bytes that are none are refused, since all that are wrong
   * would be the same text, and different keys one row.
   */
  static String ofUtf8(byte[] bytes, int from) {
    int length = bytes.length - from;
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACED) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
      } catch (CharacterCodingException e) {
        throw new BadValueException("the key '" + text + "' is not UTF-8", e);
      }
    }
    return text;
  }

  private static String decoded(String part) {
    if (part.indexOf('%') < 0) {
      return part;
    }
    byte[] given = part.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(given.length);
    for (int i = 0; i < given.length; i++) {
      if (given[i] != '%') {
        bytes.put(given[i]);
        continue;
      }
      int high = i + 2 < given.length ? Character.digit(given[i + 1], HEX) : -1;
      int low = i + 2 < given.length ? Character.digit(given[i + 2], HEX) : -1;
      if (high < 0 || low < 0) {
        throw new BadValueException("'" + part + "': write % as %25, and : as %3A");
      }
      bytes.put((byte) (high * HEX + low));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new BadValueException("'" + part + "' is not UTF-8", e);
    }
  }
}
