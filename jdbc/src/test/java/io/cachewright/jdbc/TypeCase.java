// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

/**
 * A value of a type, on its way from the door to the database and back.
 *
 * @param sqlType the column's type
 * @param given what Java code gives
 * @param canonical what stands for it in a row
 * @param text how it travels as text
 */
record TypeCase(String sqlType, Object given, Object canonical, String text) {

  /** A value that is canonical already. */
  static TypeCase of(String sqlType, Object value, String text) {
    return new TypeCase(sqlType, value, value, text);
  }

  static TypeCase of(String sqlType, Object given, Object canonical, String text) {
    return new TypeCase(sqlType, given, canonical, text);
  }

  @Override
  public String toString() {
    return sqlType + " " + text;
  }
}
