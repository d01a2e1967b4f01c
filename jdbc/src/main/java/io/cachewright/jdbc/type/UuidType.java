// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc.type;

import java.util.UUID;

/** UUIDs. */
public record UuidType(String sqlName) implements ColumnType {
  private static final int LENGTH = 36;

  @Override
  public Kind kind() {
    return Kind.UUID;
  }

  @Override
  public Object check(Object value) {
    if (value instanceof UUID) {
      return value;
    }
    throw Values.wrongType(value, this, "a UUID");
  }

  @Override
  public boolean keepsValues() {
    return true;
  }

  @Override
  public Object parse(String text) {
    // Java would also take 1-1-1-1-1.
    if (text.length() == LENGTH) {
      try {
        return UUID.fromString(text);
      } catch (IllegalArgumentException e) {
        // Refused below.
      }
    }
    throw Values.misfit(text, this, "UUIDs such as 123e4567-e89b-12d3-a456-426614174000");
  }
}
