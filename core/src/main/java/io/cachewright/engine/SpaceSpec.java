// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.ConfigurationException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.store.Codec;
import io.cachewright.store.Store;
import io.cachewright.store.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * What a space is made of.
 *
 * @param keys how keys are written to the journal, if this pattern has one
 * @param store what stands behind; null under look-aside and record, and only there
 * @param reclaims whether the memory of expired entries is taken back at once, which costs each
 *     read a look at the clock. If not, it is taken back when they are read or evicted. On by
 *     itself if {@code options} has a time
 */
public record SpaceSpec<K, V>(
    String name,
    Pattern pattern,
    KeyspaceOptions options,
    Codec<K> keys,
    ValueType<V> values,
    @Nullable Store<K, V> store,
    boolean reclaims) {

  public SpaceSpec {
    if (name.isEmpty()) {
      throw new ConfigurationException("a keyspace needs a name");
    }
    if (pattern.hasStore() && store == null) {
      throw new ConfigurationException(
          "keyspace " + name + " is " + pattern.word() + " and needs a table or a store behind it");
    }
    if (!pattern.hasStore() && store != null) {
      throw new ConfigurationException(
          "keyspace "
              + name
              + " is "
              + pattern.word()
              + ", so the cache never asks a store: choose read-through, write-through or"
              + " write-behind, or leave the store out");
    }
    reclaims = reclaims || options.expireAfterWrite() != null;
  }
}
