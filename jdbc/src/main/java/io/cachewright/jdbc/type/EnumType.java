// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.util.List;
import java.util.Locale;

/**
 * One of a few labels.
 *
 * @param labels in the order the database sorts them
 */
public record EnumType(String sqlName, List<String> labels) implements ColumnType {

  public EnumType {
    labels = List.copyOf(labels);
  }

  @Override
  public Kind kind() {
    return Kind.ENUM;
  }

  /** A Java enum is taken by its name, or by its name in small letters if that is the label. */
  @Override
  public Object check(Object value) {
    if (value instanceof Enum<?> constant) {
      String small = constant.name().toLowerCase(Locale.ROOT);
      return parse(labels.contains(constant.name()) ? constant.name() : small);
    } else if (value instanceof CharSequence) {
      return parse(value.toString());
    }
    throw Values.wrongType(value, this, "a String or an enum");
  }

  @Override
  public Object parse(String text) {
    if (!labels.contains(text)) {
      throw Values.misfit(text, this, "one of " + labels);
    }
    return text;
  }
}
