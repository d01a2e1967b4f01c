// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

/**
 * Text.
 *
 * @param maxLength how many characters (code points) at most; 0 for no bound
 * @param padded whether the database fills the text up with blanks to that length: {@code char(n)}
 */
public record TextType(String sqlName, int maxLength, boolean padded) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.TEXT;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof CharSequence || value instanceof Character) {
      return parse(value.toString());
    }
    throw Values.wrongType(value, this, "a String");
  }

  @Override
  public boolean keepsValues() {
    return !padded;
  }

  @Override
  public Object parse(String text) {
    Values.storable(text, this);
    if (maxLength == 0) {
      return text;
    }
    String value = padded ? text.replaceAll(" +$", "") : text;
    // Code points are at most as many as chars, so that most texts need no counting.
    int length =
        value.length() <= maxLength && !padded ? 0 : value.codePointCount(0, value.length());
    if (length > maxLength) {
      throw Values.misfit(text, this, "up to " + maxLength + " characters; this one has " + length);
    }
    return padded ? value + " ".repeat(maxLength - length) : value;
  }
}
