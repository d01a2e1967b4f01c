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
 * @param mirror the table that shows what a record space has; null: none
 */
public record SpaceSpec<K, V>(
    String name,
    Pattern pattern,
    KeyspaceOptions options,
    Codec<K> keys,
    ValueType<V> values,
    @Nullable Store<K, V> store,
    boolean reclaims,
    @Nullable MirrorSpec<K, V> mirror) {

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
    if (mirror != null && !pattern.isRecord()) {
      throw new ConfigurationException(
          "keyspace "
              + name
              + " is "
              + pattern.word()
              + ", and only a record keyspace can be mirrored: leave the mirror out, or make it"
              + " record");
    }
    reclaims = reclaims || options.expireAfterWrite() != null;
  }

  /** Without a mirror. */
  @SuppressWarnings("checkstyle:ParameterNumber") // the components, but for the last
  public SpaceSpec(
      String name,
      Pattern pattern,
      KeyspaceOptions options,
      Codec<K> keys,
      ValueType<V> values,
      @Nullable Store<K, V> store,
      boolean reclaims) {
    this(name, pattern, options, keys, values, store, reclaims, /* mirror= */ null);
  }

  public SpaceSpec<K, V> withMirror(@Nullable MirrorSpec<K, V> next) {
    return new SpaceSpec<>(name, pattern, options, keys, values, store, reclaims, next);
  }
}
