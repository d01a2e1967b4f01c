// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.AsyncKeyspace;
import io.cachewright.BadValueException;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What callers do to a space, without waiting.
 *
 * @param callerWaits whether the caller is going to wait for the future at once. Then it may be
 *     made to do the store's work, its own and what gathered with it
 * @param untilStored whether a write under write-behind is complete only when it has been flushed
 */
record Operations<K, V, S, T>(
    Space<S, T> space, Lens<K, V, S, T> lens, boolean callerWaits, boolean untilStored)
    implements AsyncKeyspace<K, V> {

  @Override
  public CompletableFuture<@Nullable V> get(K key) {
    return guarded(() -> space.entry(lens.storeKey(key), callerWaits).thenApply(lens::callerValue));
  }

  @Override
  public CompletableFuture<Map<K, V>> getAll(Collection<? extends K> keys) {
    return guarded(
        () -> {
          Map<S, K> wanted = new LinkedHashMap<>();
          keys.forEach(key -> wanted.put(lens.storeKey(key), key));
          return space
              .entries(wanted.keySet(), callerWaits)
              .thenApply(found -> inOrder(wanted, found));
        });
  }

  private Map<K, V> inOrder(Map<S, K> wanted, Map<S, Entry<T>> found) {
    Map<K, V> values = new LinkedHashMap<>();
    wanted.forEach(
        (storeKey, key) -> {
          Entry<T> entry = found.get(storeKey);
          V value = entry == null ? null : lens.callerValue(entry);
          if (value != null) {
            values.put(key, value);
          }
        });
    return values;
  }

  @Override
  public CompletableFuture<Void> put(K key, V value) {
    return put(key, value, Write.DEFAULT_TIME);
  }

  @Override
  public CompletableFuture<Void> put(K key, V value, Duration timeToLive) {
    return put(key, value, nanosOf(timeToLive));
  }

  private CompletableFuture<Void> put(K key, V value, long timeToLive) {
    return written(
        () ->
            space.write(
                new Change.Put<>(lens.storeKey(key), lens.storeValue(key, value)),
                timeToLive,
                callerWaits));
  }

  @Override
  public CompletableFuture<Void> putAll(Map<? extends K, ? extends V> values) {
    return written(
        () -> {
          List<Write<S, T>> writes = new ArrayList<>(values.size());
          values.forEach(
              (key, value) ->
                  writes.add(
                      new Write<>(
                          space,
                          new Change.Put<>(lens.storeKey(key), lens.storeValue(key, value)))));
          return space.commitAll(writes, callerWaits).thenApply(written -> null);
        });
  }

  @Override
  public CompletableFuture<@Nullable V> update(
      K key, Function<? super V, ? extends @Nullable V> change) {
    return compute(key, present -> present == null ? null : change.apply(present));
  }

  @Override
  public CompletableFuture<@Nullable V> compute(K key, UnaryOperator<@Nullable V> change) {
    UnaryOperator<@Nullable T> inStore =
        base -> {
          V next = change.apply(base == null ? null : lens.callerValue(base));
          return next == null ? null : lens.storeValue(key, next);
        };
    return written(
        () -> {
          Computation<S, T> computation = new Computation<>(space, lens.storeKey(key), inStore);
          CompletableFuture<@Nullable T> done =
              callerWaits
                  ? CompletableFuture.completedFuture(computation.await())
                  : computation.run();
          return done.thenApply(value -> value == null ? null : lens.callerValue(value));
        });
  }

  @Override
  public CompletableFuture<V> computeIfAbsent(K key, Function<? super K, ? extends V> create) {
    return written(
        () -> {
          S storeKey = lens.storeKey(key);
          Supplier<T> made = () -> created(key, create);
          CompletableFuture<T> done =
              callerWaits
                  ? CompletableFuture.completedFuture(
                      space.creations().awaitOrCreate(storeKey, made))
                  : space.creations().createIfAbsent(storeKey, made);
          return done.thenApply(lens::callerValue);
        });
  }

  private T created(K key, Function<? super K, ? extends V> create) {
    return lens.storeValue(
        key, Objects.requireNonNull(create.apply(key), "computeIfAbsent made null"));
  }

  @Override
  public CompletableFuture<Boolean> remove(K key) {
    return written(
        () ->
            space
                .commit(new Change.Remove<>(lens.storeKey(key)), Write.DEFAULT_TIME, callerWaits)
                .thenApply(Written::existed));
  }

  @Override
  public CompletableFuture<@Nullable V> refresh(K key) {
    return guarded(
        () -> space.refresh(lens.storeKey(key), callerWaits).thenApply(lens::callerValue));
  }

  private <R extends @Nullable Object> CompletableFuture<R> written(
      Supplier<CompletableFuture<R>> call) {
    CompletableFuture<R> acknowledged = guarded(call);
    return untilStored
        ? acknowledged.thenCompose(result -> space.flush().thenApply(stored -> result))
        : acknowledged;
  }

  /** A time to live in nanoseconds. */
  static long nanosOf(Duration timeToLive) {
    if (timeToLive.isNegative() || timeToLive.isZero() || timeToLive.toDays() > 36_500) {
      throw new BadValueException(
          "a time to live must be above 0 and at most 100 years, was " + timeToLive);
    }
    return timeToLive.toNanos();
  }

  /** An error of the call itself comes by the future, as every other does. */
  private static <R extends @Nullable Object> CompletableFuture<R> guarded(
      Supplier<CompletableFuture<R>> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
