// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import io.cachewright.BadValueException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What the types have in common: texts, and what is said of a value that does not fit. */
final class Values {
  private static final int SHOWN_MAX = 60;

  private Values() {}

  /** A value that does not fit, as it is named in an error: short, and of one line. */
  static String shown(Object value) {
    if (value instanceof byte[] bytes) {
      return bytes.length + " bytes";
    }
    String text = value.toString();
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= SHOWN_MAX
        ? "'" + line + "'"
        : "'" + line.substring(0, SHOWN_MAX) + "…' (" + text.length() + " characters)";
  }

  static BadValueException misfit(Object value, ColumnType type, String allowed) {
    return new BadValueException(
        shown(value) + " does not fit " + type.sqlName() + ", which holds " + allowed);
  }

  static BadValueException wrongType(Object value, ColumnType type, String allowed) {
    return new BadValueException(
        shown(value)
            + " is a "
            + value.getClass().getSimpleName()
            + "; "
            + type.sqlName()
            + " takes "
            + allowed);
  }

  /** The text of these bytes, which must be UTF-8: a wrong byte is refused, not replaced. */
  static String text(byte[] utf8) {
    String text = new String(utf8, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      } catch (CharacterCodingException e) {
        throw new BadValueException("text of " + utf8.length + " bytes is not UTF-8", e);
      }
    }
    return text;
  }

  /** Text that a database can hold: any, but with no NUL and no half of a surrogate pair. */
  static String storable(String text, ColumnType type) {
    if (text.indexOf('\0') >= 0) {
      throw misfit(text, type, "text without the character NUL");
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : '\0')) {
          throw misfit(text, type, "text without half characters (lone surrogates)");
        }
        i++;
      }
    }
    return text;
  }
}
