// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.AsyncKeyspace;
import io.cachewright.CacheException;
import io.cachewright.Keyspace;
import io.cachewright.KeyspaceStats;
import io.cachewright.Pattern;
import io.cachewright.RefusedException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A space as a {@link Keyspace}: {@link Operations} with a caller who waits, and who therefore may
 * do the store's work on its own thread.
 */
public final class KeyspaceView<K, V, S, T> implements Keyspace<K, V> {
  private final Space<S, T> space;
  private final Lens<K, V, S, T> lens;
  private final Operations<K, V, S, T> operations;
  private final AsyncKeyspace<K, V> async;

  /** Of the lens. Here, since a hit notices each look at another object. */
  private final boolean keepsKeys;

  public KeyspaceView(Space<S, T> space, Lens<K, V, S, T> lens) {
    this(space, lens, /* untilStored= */ false);
  }

  private KeyspaceView(Space<S, T> space, Lens<K, V, S, T> lens, boolean untilStored) {
    this.space = space;
    this.lens = lens;
    this.keepsKeys = lens.keepsKeys();
    this.operations = new Operations<>(space, lens, /* callerWaits= */ true, untilStored);
    this.async = new Operations<>(space, lens, /* callerWaits= */ false, untilStored);
  }

  Space<S, T> space() {
    return space;
  }

  Lens<K, V, S, T> lens() {
    return lens;
  }

  @Override
  public String name() {
    return space.name();
  }

  @Override
  public Pattern pattern() {
    return space.pattern();
  }

  @Override
  public @Nullable V get(K key) {
    Entry<T> entry = space.find(keptKey(key));
    if (entry == null) {
      if (!space.pattern().hasStore()) {
        return null;
      }
      entry = await(space.load(lens.storeKey(key), /* mayRun= */ true));
    }
    return lens.callerValue(safe(entry));
  }

  /** The space's key; unchecked if the lens keeps keys, since one it would refuse is nowhere. */
  @SuppressWarnings("unchecked") // then K is S
  private S keptKey(K key) {
    return keepsKeys ? (S) key : lens.storeKey(key);
  }

  /** P3. */
  private Entry<T> safe(Entry<T> entry) {
    return space.isSafe(entry) ? entry : await(space.whenSafe(entry));
  }

  @Override
  public @Nullable V peek(K key) {
    Entry<T> entry = space.peek(lens.storeKey(key));
    return entry == null ? null : lens.callerValue(safe(entry));
  }

  @Override
  public Map<K, V> getAll(Collection<? extends K> keys) {
    return await(operations.getAll(keys));
  }

  @Override
  public void put(K key, V value) {
    if (!space.pattern().hasStore() && !space.isLogged()) {
      space.set(
          lens.storeKey(key), lens.storeValue(key, value), space.expiresAt(Write.DEFAULT_TIME));
      return;
    }
    await(operations.put(key, value));
  }

  @Override
  public void put(K key, V value, Duration timeToLive) {
    await(operations.put(key, value, timeToLive));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> values) {
    await(operations.putAll(values));
  }

  @Override
  public @Nullable V update(K key, Function<? super V, ? extends @Nullable V> change) {
    return await(operations.update(key, change));
  }

  @Override
  public @Nullable V compute(K key, UnaryOperator<@Nullable V> change) {
    return await(operations.compute(key, change));
  }

  @Override
  public V computeIfAbsent(K key, Function<? super K, ? extends V> create) {
    return await(operations.computeIfAbsent(key, create));
  }

  @Override
  public boolean remove(K key) {
    return await(operations.remove(key));
  }

  @Override
  public boolean evict(K key) {
    return space.evict(lens.storeKey(key));
  }

  @Override
  public void evictAll() {
    space.evictAll();
  }

  @Override
  public @Nullable V refresh(K key) {
    return await(operations.refresh(key));
  }

  @Override
  public boolean expire(K key, Duration timeToLive) {
    if (space.logged() instanceof Recorded<S, T> recorded) {
      return await(recorded.expire(lens.storeKey(key), Operations.nanosOf(timeToLive)));
    }
    return space.expire(
        lens.storeKey(key), space.engine().clock().nanos() + Operations.nanosOf(timeToLive));
  }

  @Override
  public @Nullable Duration timeToLive(K key) {
    Entry<T> entry = space.peek(lens.storeKey(key));
    if (entry == null || entry.value() == null || entry.expiresAt() == Entry.NEVER) {
      return null;
    }
    return Duration.ofNanos(Math.max(0, entry.expiresAt() - space.engine().clock().nanos()));
  }

  @Override
  public void flush() {
    await(space.flush());
  }

  @Override
  public Keyspace<K, V> untilStored() {
    return space.isLogged() ? new KeyspaceView<>(space, lens, /* untilStored= */ true) : this;
  }

  @Override
  public long size() {
    return space.size();
  }

  @Override
  public KeyspaceStats stats() {
    return space.stats();
  }

  @Override
  public AsyncKeyspace<K, V> async() {
    return async;
  }

  /** The future's result; its error as it is, not wrapped. */
  public static <R extends @Nullable Object> R await(CompletableFuture<R> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new io.cachewright.OutcomeUnknownException(
          "interrupted while waiting; a write may still be committed", e);
    } catch (ExecutionException e) {
      throw unwrap(e);
    }
  }

  private static RuntimeException unwrap(Throwable wrapped) {
    Throwable cause = wrapped;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof CacheException error) {
      return error;
    } else if (cause instanceof RuntimeException error) {
      return error;
    } else if (cause instanceof Error error) {
      throw error;
    }
    return new RefusedException(cause.toString(), "", cause);
  }
}
