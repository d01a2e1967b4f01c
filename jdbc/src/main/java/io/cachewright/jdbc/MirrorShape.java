// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Row;
import java.util.List;

/**
 * How the keys and values of a record keyspace become rows of the table that it is mirrored into.
 * Called on the mirror's thread, never on a writer's.
 *
 * <p>Values are what {@link Column#check} takes: for an integer column any whole number, for {@code
 * timestamptz} an {@code OffsetDateTime} or {@code Instant}, for JSON its text, and so on.
 */
public interface MirrorShape<K, V> {
  /** The column in which a mirror notes when a row expires; no shape has it. */
  String EXPIRES_AT = "expires_at";

  /** Those of the key first, in its order. */
  List<MirrorColumn> columns();

  /** The value of the key's column; a {@code List} of them if there are several. */
  Object key(K key);

  /**
   * The row; the key's columns may be absent. Absent others are left as they are in a row that is
   * there.
   *
   * @throws io.cachewright.BadValueException if it has none: it is then parked
   */
  Row row(K key, V value);
}
