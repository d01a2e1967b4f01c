// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.ConflictException;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
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
 * <p>A caller that waits runs the function itself ({@link #await}), whoever loads the value and
 * commits the change: it may hold locks that the function takes again, and be a thread with a
 * context. A caller that does not wait has it run by whoever is there.
 */
record Computation<K, V>(Space<K, V> space, K key, UnaryOperator<@Nullable V> change) {
  private static final int TRIES_MAX = 1_000;

  /** Does it on this thread, which waits. */
  @Nullable V await() {
    for (int number = 1; ; number++) {
      Watch watch = space.watch(key);
      try {
        Entry<V> entry = KeyspaceView.await(space.newestEntry(key, /* mayRun= */ true));
        Attempt<V> attempt = KeyspaceView.await(commit(entry, watch, /* mayRun= */ true));
        if (attempt.made()) {
          return attempt.value();
        }
      } finally {
        watch.close();
      }
      checkTries(number);
      KeyspaceView.await(space.engine().whenQuiet(List.of(watch)));
    }
  }

  CompletableFuture<@Nullable V> run() {
    return attempt(1);
  }

  private CompletableFuture<@Nullable V> attempt(int number) {
    Watch watch = space.watch(key);
    return space
        .newestEntry(key, /* mayRun= */ false)
        .thenCompose(entry -> commit(entry, watch, /* mayRun= */ false))
        .whenComplete((done, error) -> watch.close())
        .thenCompose(done -> done.made() ? done(done.value()) : again(watch, number));
  }

  /** An attempt's end: whether it was made, and with which value. */
  private record Attempt<V>(boolean made, @Nullable V value) {}

  private CompletableFuture<Attempt<V>> commit(Entry<V> entry, Watch watch, boolean mayRun) {
    V base = entry.value();
    V next = change.apply(base);
    Change<K, V> needed = difference(base, next);
    if (needed == null) {
      return space.whenSafe(entry).thenApply(safe -> new Attempt<>(true, next));
    }
    return space
        .engine()
        .commit(List.of(new Write<>(space, needed)), List.of(watch), mayRun)
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

  /**
   * The smallest change that does it (P9); null if nothing differs. Where nothing stands behind the
   * cache it is the whole value: what was read may have expired meanwhile, and a part of it would
   * be laid over nothing.
   */
  private @Nullable Change<K, V> difference(@Nullable V base, @Nullable V next) {
    if (next == null) {
      return base == null ? null : new Change.Remove<>(key);
    } else if (base == null) {
      return new Change.Put<>(key, next);
    }
    V patch = space.values().difference(base, next);
    return patch == null ? null : new Change.Put<>(key, space.pattern().hasStore() ? patch : next);
  }

  private static <V> CompletableFuture<@Nullable V> done(@Nullable V value) {
    return CompletableFuture.completedFuture(value);
  }

  /** On a thread of the engine's: a thousand tries on this one would fill its stack. */
  private CompletableFuture<@Nullable V> again(Watch watch, int number) {
    checkTries(number);
    return space
        .engine()
        .whenQuiet(List.of(watch))
        .thenComposeAsync(quiet -> attempt(number + 1), this::onOtherThread);
  }

  private void onOtherThread(Runnable work) {
    try {
      space.engine().executor().execute(work);
    } catch (RejectedExecutionException e) { // closed: what it does next says so
      work.run();
    }
  }

  private void checkTries(int number) {
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
  }
}
