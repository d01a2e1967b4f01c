// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.util.Locale;

/** {@code true} and {@code false}. Reads also {@code t}, {@code yes}, {@code on}, {@code 1}. */
public record BooleanType(String sqlName) implements ColumnType {

  @Override
  public Kind kind() {
    return Kind.BOOLEAN;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof Boolean) {
      return value;
    }
    throw Values.wrongType(value, this, "a Boolean");
  }

  @Override
  public Object parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes", "y", "on", "1" -> true;
      case "false", "f", "no", "n", "off", "0" -> false;
      default -> throw Values.misfit(text, this, "true and false");
    };
  }
}
