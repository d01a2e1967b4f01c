// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import org.jspecify.annotations.Nullable;

/**
 * The reads and writes of one {@link Cachewright#transaction transaction}. Writes are seen by this
 * unit's own reads at once and by others when all of it is committed. What was read has not changed
 * when it commits; if it has, the whole unit is run again. For the thread that was given it, until
 * the transaction ends.
 */
public interface UnitOfWork {

  <K, V> @Nullable V get(Keyspace<K, V> keyspace, K key);

  <K, V> void put(Keyspace<K, V> keyspace, K key, V value);

  <K, V> void remove(Keyspace<K, V> keyspace, K key);
}
