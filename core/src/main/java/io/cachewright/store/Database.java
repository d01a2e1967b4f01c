// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.Row;
import java.util.Map;

/** A database whose tables can stand behind keyspaces. The {@code jdbc} module has one for SQL. */
public interface Database {

  /**
   * A table as a store. Its columns, types and primary key are read from the database.
   *
   * @param name as the database knows it, with its schema if need be: {@code public.users}
   * @throws io.cachewright.ConfigurationException if there is no such table, or it has no primary
   *     key
   * @throws io.cachewright.StoreAwayException if the database cannot be reached
   */
  Store<Object, Row> table(String name);

  /**
   * How these types are seen as the table's keys and rows. A value is a {@link Row}, or a Java
   * record whose components are columns: {@code createdAt} is {@code created_at}.
   *
   * @param table what {@link #table} answered
   * @param columns columns by component name, where the rule does not fit
   * @throws io.cachewright.ConfigurationException if a component has no column, or the wrong type
   */
  <K, V> Mapping<K, V> mapping(
      Store<Object, Row> table, Class<K> key, Class<V> value, Map<String, String> columns);

  /**
   * A table that a record keyspace is mirrored into; made when it is first claimed, if it is not
   * there. Keys are of a simple type, or a Java record with a column for each component; values so,
   * too, a simple one in the column {@code value}. Does not connect: the database may be away now.
   *
   * @param keyColumn the column of a key of a simple type
   * @param columns columns by component name of the value, where the rule does not fit
   * @throws io.cachewright.ConfigurationException if there is no column for such keys or values
   */
  <K, V> MirrorTarget<K, V> mirror(
      String table, Class<K> key, Class<V> value, String keyColumn, Map<String, String> columns);
}
