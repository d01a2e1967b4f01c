// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.ConflictException;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Read, change, write, as one step among all writers of this cache.
 *
 * <pre>
 *   watch ─► read ─► change ─► commit unless overtaken ─► done
 *     ▲                              │ overtaken
 *     └──── when the key is quiet ◄──┘
 * </pre>
 *
 * @param waits the thread that waits for the result and may do the store's work; null if none does
 */
record Computation<K, V>(
    Space<K, V> space, K key, UnaryOperator<@Nullable V> change, @Nullable Thread waits) {
  private static final int TRIES_MAX = 1_000;

  CompletableFuture<@Nullable V> run() {
    return attempt(1);
  }

  private CompletableFuture<@Nullable V> attempt(int number) {
    Watch watch = space.watch(key);
    return space
        .newestEntry(key, mayRun())
        .thenCompose(entry -> commit(entry, watch))
        .whenComplete((done, error) -> watch.close())
        .thenCompose(done -> done.made() ? done(done.value()) : again(watch, number));
  }

  /** An attempt's end: whether it was made, and with which value. */
  private record Attempt<V>(boolean made, @Nullable V value) {}

  private CompletableFuture<Attempt<V>> commit(Entry<V> entry, Watch watch) {
    V base = entry.value();
    V next = change.apply(base);
    Change<K, V> needed = difference(base, next);
    if (needed == null) {
      return space.whenSafe(entry).thenApply(safe -> new Attempt<>(true, next));
    }
    return space
        .engine()
        .commit(List.of(new Write<>(space, needed)), List.of(watch), mayRun())
        .thenApply(written -> attemptOf(written, next));
  }

  @SuppressWarnings("unchecked") // the one write is of this space
  private static <V> Attempt<V> attemptOf(@Nullable List<Written<?>> written, @Nullable V next) {
    if (written == null) {
      return new Attempt<>(false, null);
    }
    V stored = (V) written.get(0).value();
    return new Attempt<>(true, next == null || stored == null ? next : stored);
  }

  /** The smallest change that does it (P9); null if nothing differs. */
  private @Nullable Change<K, V> difference(@Nullable V base, @Nullable V next) {
    if (next == null) {
      return base == null ? null : new Change.Remove<>(key);
    } else if (base == null) {
      return new Change.Put<>(key, next);
    }
    V patch = space.values().difference(base, next);
    return patch == null ? null : new Change.Put<>(key, patch);
  }

  private static <V> CompletableFuture<@Nullable V> done(@Nullable V value) {
    return CompletableFuture.completedFuture(value);
  }

  private CompletableFuture<@Nullable V> again(Watch watch, int number) {
    if (number == TRIES_MAX) {
      throw new ConflictException(
          "keyspace "
              + space.name()
              + ": key "
              + key
              + " was written by others during each of "
              + TRIES_MAX
              + " tries to update it");
    }
    return space.engine().whenQuiet(List.of(watch)).thenCompose(quiet -> attempt(number + 1));
  }

  private boolean mayRun() {
    return waits == Thread.currentThread();
  }
}
