// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.List;

/**
 * A configuration that is sound in itself. Whether it fits the database is found out at the start,
 * or by {@code check}.
 *
 * @param values the outermost settings
 * @param keyspaces in the order of the file
 * @param everyTable whether no keyspaces were named, so that every table is to be one
 * @param defaults what a keyspace has of which the file says nothing
 * @param plain keys outside every keyspace
 */
public record Configuration(
    Values values,
    List<KeyspaceSettings> keyspaces,
    boolean everyTable,
    Values defaults,
    KeyspaceSettings plain) {

  public Configuration {
    keyspaces = List.copyOf(keyspaces);
  }

  public <T> T get(Setting<T> setting) {
    return values.get(setting);
  }

  /** The keyspace that a table becomes of which the file says nothing. */
  public KeyspaceSettings keyspaceOf(String name) {
    Values common = defaults.without(Settings.WRITE_BEHIND_GROUP);
    return new KeyspaceSettings(
        name, Values.NONE.orElse(common, Setting.Scope.KEYSPACE), Origin.STANDARD);
  }

  /** Whether some keyspace is write-behind or record, so that a journal is needed. */
  public boolean isLogged() {
    return plain.pattern().isLogged()
        || keyspaces.stream().anyMatch(keyspace -> keyspace.pattern().isLogged());
  }

  /** Whether a database is needed. */
  public boolean hasStores() {
    return everyTable
        || keyspaces.stream()
            .anyMatch(keyspace -> keyspace.pattern().hasStore() || keyspace.isMirrored());
  }
}
