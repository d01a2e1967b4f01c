// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

/**
 * A JSON document, as its text. Checked at the door to be one; how the database spells it (order of
 * names, spaces) is seen when it is read back.
 */
public record JsonType(String sqlName) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.JSON;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof CharSequence) {
      return parse(value.toString());
    }
    throw Values.wrongType(value, this, "a String that is a JSON document");
  }

  @Override
  public Object parse(String text) {
    Values.storable(text, this);
    int wrong = new JsonText(text).firstWrong();
    if (wrong >= 0) {
      throw Values.misfit(
          text, this, "JSON documents; this text is none from character " + (wrong + 1) + " on");
    }
    return text;
  }
}
