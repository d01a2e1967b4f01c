// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

/**
 * A type that has no better one (inet, interval, xml, ranges …): its text, as the database prints
 * it. Only the database can tell whether a text is good.
 */
public record OtherType(String sqlName) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.OTHER;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof CharSequence) {
      return parse(value.toString());
    }
    throw Values.wrongType(value, this, "a String, as the database writes the type");
  }

  @Override
  public Object parse(String text) {
    return Values.storable(text, this);
  }
}
