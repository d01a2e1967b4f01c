// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.Locale;
import java.util.Set;

/**
 * A setting: a row of the table in {@link Settings}.
 *
 * @param name as it is written in the file; of one in a group with the group's key before it, as in
 *     {@code write-behind.max-delay}
 * @param scopes where it may stand
 * @param standard what it is if it was not given
 * @param summary one or two sentences for the reference; says what a larger value costs
 */
public record Setting<T>(
    String name, Set<Scope> scopes, SettingType<T> type, T standard, String summary) {

  /** What all variables begin with. */
  static final String VARIABLE_PREFIX = "CACHEWRIGHT_";

  /** A part of the file. */
  public enum Scope {
    /** The outermost keys. */
    TOP,
    /** {@code defaults}: what keyspaces have that do not say otherwise. */
    DEFAULTS,
    /** {@code keyspaces.<name>}. */
    KEYSPACE,
    /** {@code plain}: keys outside every keyspace. */
    PLAIN
  }

  public Setting {
    scopes = Set.copyOf(scopes);
  }

  public boolean isIn(Scope scope) {
    return scopes.contains(scope);
  }

  /** The key under which it stands with others of its kind: {@code write-behind}; else empty. */
  public String group() {
    return name.substring(0, Math.max(0, name.indexOf('.')));
  }

  /** What it is called where it stands: without its group. */
  String key() {
    return name.substring(name.indexOf('.') + 1);
  }

  /** The variable that overrides the outermost key of this name. */
  public String variable() {
    return VARIABLE_PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** The default as it would be written. */
  public String standardText() {
    return type.show(standard);
  }

  @Override
  public String toString() {
    return name;
  }
}
