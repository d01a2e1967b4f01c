// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.NotAllowedException;
import io.cachewright.Pattern;
import io.cachewright.store.Change;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The read that creates. C1: among those who ask for a key at once, one creates and all get its
 * value. C2: a value the store has already wins, even if another process put it there a moment ago.
 *
 * <p>C3: what another created may have been removed before the joiner even began. So a joiner waits
 * for the other and then reads again.
 */
final class Creations<K, V> {
  private final Space<K, V> space;
  private final ConcurrentHashMap<K, CompletableFuture<V>> running = new ConcurrentHashMap<>();

  Creations(Space<K, V> space) {
    this.space = space;
  }

  CompletableFuture<V> createIfAbsent(K key, Supplier<V> create, boolean mayRun) {
    return space
        .entry(key, mayRun)
        .thenCompose(
            entry -> {
              V present = entry.value();
              return present == null
                  ? joinOrCreate(key, create)
                  : CompletableFuture.completedFuture(present);
            });
  }

  private CompletableFuture<V> joinOrCreate(K key, Supplier<V> create) {
    checkAllowed(key);
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> other = running.putIfAbsent(key, mine);
    return other == null
        ? create(key, create, mine)
        : other.thenCompose(value -> createIfAbsent(key, create, /* mayRun= */ false)); // C3
  }

  private void checkAllowed(K key) {
    if (space.pattern() == Pattern.READ_THROUGH) {
      throw new NotAllowedException(
          "keyspace "
              + space.name()
              + " is read-through and has no "
              + key
              + ": create it in the database, then refresh it here; or make the keyspace"
              + " write-through");
    }
  }

  private CompletableFuture<V> create(K key, Supplier<V> create, CompletableFuture<V> mine) {
    try {
      return put(key, create.get())
          .whenComplete(
              (value, error) -> {
                running.remove(key, mine);
                finish(mine, value, error);
              });
    } catch (RuntimeException | Error e) {
      running.remove(key, mine);
      mine.completeExceptionally(e);
      return mine;
    }
  }

  /** C2: an insert, not a put. A store that cannot tell what it has is asked. */
  private CompletableFuture<V> put(K key, V value) {
    return space
        .commit(new Change.Insert<>(key, value), Write.DEFAULT_TIME, /* mayRun= */ false)
        .thenCompose(
            written ->
                written.value() != null
                    ? CompletableFuture.completedFuture(written.value())
                    : space
                        .entry(key, /* mayRun= */ false)
                        .thenApply(entry -> entry.value() == null ? value : entry.value()));
  }

  private static <V> void finish(
      CompletableFuture<V> future, @Nullable V value, @Nullable Throwable error) {
    if (error != null || value == null) {
      future.completeExceptionally(
          error != null ? error : new IllegalStateException("created nothing"));
    } else {
      future.complete(value);
    }
  }
}
