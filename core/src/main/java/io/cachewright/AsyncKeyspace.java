// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Keyspace} whose methods do not wait. Each does what the method of that name does there;
 * an error completes the future. Hits and changes of the cache alone are complete on return.
 *
 * <p>At the bounds of a write-behind or record keyspace the future of a write takes longer: it
 * waits for room without a thread, up to {@code waitMax}.
 *
 * <p>Actions chained to a future, and the functions given to {@link #update}, {@link #compute} and
 * {@link #computeIfAbsent}, may run on a thread that loads or commits for others: they must not
 * block.
 */
public interface AsyncKeyspace<K, V> {

  CompletableFuture<@Nullable V> get(K key);

  CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys);

  CompletableFuture<Void> put(K key, V value);

  CompletableFuture<Void> put(K key, V value, Duration timeToLive);

  CompletableFuture<Void> putAll(Map<? extends K, ? extends V> values);

  CompletableFuture<@Nullable V> update(K key, Function<? super V, ? extends @Nullable V> change);

  CompletableFuture<@Nullable V> compute(K key, UnaryOperator<@Nullable V> change);

  CompletableFuture<V> computeIfAbsent(K key, Function<? super K, ? extends V> create);

  CompletableFuture<Boolean> remove(K key);

  CompletableFuture<@Nullable V> refresh(K key);
}
