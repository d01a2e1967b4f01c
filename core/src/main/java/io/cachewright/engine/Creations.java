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
  private final ConcurrentHashMap<K, Creation<V>> running = new ConcurrentHashMap<>();

  /** One that is under way. */
  private static final class Creation<V> extends CompletableFuture<V> {
    /** Who runs the function, while it runs. */
    volatile @Nullable Thread creator;
  }

  Creations(Space<K, V> space) {
    this.space = space;
  }

  /** Does it on this thread, which waits; so the function runs on it, see {@link Computation}. */
  V awaitOrCreate(K key, Supplier<V> create) {
    while (true) {
      V present = KeyspaceView.await(space.entry(key, /* mayRun= */ true)).value();
      if (present != null) {
        return present;
      }
      Creation<V> mine = new Creation<>();
      Creation<V> other = join(key, mine);
      if (other == null) {
        return KeyspaceView.await(create(key, create, mine, /* mayRun= */ true));
      }
      KeyspaceView.await(other); // C3
    }
  }

  CompletableFuture<V> createIfAbsent(K key, Supplier<V> create) {
    return space
        .entry(key, /* mayRun= */ false)
        .thenCompose(
            entry -> {
              V present = entry.value();
              return present == null
                  ? joinOrCreate(key, create)
                  : CompletableFuture.completedFuture(present);
            });
  }

  private CompletableFuture<V> joinOrCreate(K key, Supplier<V> create) {
    Creation<V> mine = new Creation<>();
    Creation<V> other = join(key, mine);
    return other == null
        ? create(key, create, mine, /* mayRun= */ false)
        : other.thenCompose(value -> createIfAbsent(key, create)); // C3
  }

  /**
   * The creation that is under way; null if it is this one from now on.
   *
   * @throws IllegalStateException if it is under way on this very thread, and would wait for itself
   */
  private @Nullable Creation<V> join(K key, Creation<V> mine) {
    checkAllowed(key);
    Creation<V> other = running.putIfAbsent(key, mine);
    if (other != null && other.creator == Thread.currentThread()) {
      throw new IllegalStateException(
          "keyspace "
              + space.name()
              + ": the function that makes the value of "
              + key
              + " asks for the same key by computeIfAbsent");
    }
    return other;
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

  private CompletableFuture<V> create(K key, Supplier<V> create, Creation<V> mine, boolean mayRun) {
    try {
      mine.creator = Thread.currentThread();
      V value = create.get();
      mine.creator = null;
      return put(key, value, mayRun)
          .whenComplete(
              (stored, error) -> {
                running.remove(key, mine);
                finish(mine, stored, error);
              });
    } catch (Throwable e) { // a function in another language than Java throws checked ones, too
      running.remove(key, mine);
      mine.completeExceptionally(e);
      return mine;
    }
  }

  /** C2: an insert, not a put. A store that cannot tell what it has is asked. */
  private CompletableFuture<V> put(K key, V value, boolean mayRun) {
    return space
        .commit(new Change.Insert<>(key, value), Write.DEFAULT_TIME, mayRun)
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
