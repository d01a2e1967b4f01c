// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.jdbc.type.Kind;

/**
 * A column that a mirror's table has to have.
 *
 * @param kind of its values. A table that is there may have a type that holds them and more: an
 *     integer goes into a numeric column, JSON into text
 * @param key whether it is of the primary key, and so never NULL
 */
public record MirrorColumn(String name, Kind kind, boolean key) {

  /** A column of the primary key. */
  public static MirrorColumn key(String name, Kind kind) {
    return new MirrorColumn(name, kind, /* key= */ true);
  }

  public static MirrorColumn of(String name, Kind kind) {
    return new MirrorColumn(name, kind, /* key= */ false);
  }

  /** Whether a column of another kind holds its values. */
  boolean fits(Kind other) {
    return kind == other
        || switch (kind) {
          case INTEGER -> other == Kind.DECIMAL;
          case FLOAT -> other == Kind.DOUBLE;
          case JSON, ENUM -> other == Kind.TEXT;
          default -> false;
        };
  }
}
