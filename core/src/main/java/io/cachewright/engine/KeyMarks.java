// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What is known of keys besides their entries: who watches them, and how many of their writes wait
 * for the store. Every method is called under the engine's write lock. A key has marks only while
 * someone watches or waits, so the bound on those is the bound here.
 */
final class KeyMarks<K> {

  private static final class Pending {
    int writes;
    @Nullable CompletableFuture<Void> quiet;
  }

  private final Executor executor;
  private final Map<K, List<Watch>> watches = new HashMap<>();
  private final Map<K, Pending> pending = new HashMap<>();

  KeyMarks(Executor executor) {
    this.executor = executor;
  }

  void add(K key, Watch watch) {
    watches.computeIfAbsent(key, absent -> new ArrayList<>(1)).add(watch);
  }

  void remove(K key, Watch watch) {
    List<Watch> present = watches.get(key);
    if (present != null && present.remove(watch) && present.isEmpty()) {
      watches.remove(key);
    }
  }

  void touch(K key) {
    if (watches.isEmpty()) {
      return;
    }
    List<Watch> present = watches.get(key);
    if (present != null) {
      present.forEach(Watch::touch);
    }
  }

  void touchAll() {
    watches.values().forEach(present -> present.forEach(Watch::touch));
  }

  void pending(K key) {
    pending.computeIfAbsent(key, absent -> new Pending()).writes++;
  }

  void settled(K key) {
    Pending present = pending.get(key);
    if (present != null && --present.writes == 0) {
      pending.remove(key);
      CompletableFuture<Void> quiet = present.quiet;
      if (quiet != null) {
        // Those who wait try again, which takes the lock: not on this thread, which has it.
        complete(quiet);
      }
    }
  }

  /** Not on the common pool while the engine has threads: an application may hold that up. */
  private void complete(CompletableFuture<Void> quiet) {
    try {
      executor.execute(() -> quiet.complete(null));
    } catch (RejectedExecutionException | OutOfMemoryError e) { // closed, or no thread to be had
      ForkJoinPool.commonPool().execute(() -> quiet.complete(null));
    }
  }

  boolean isPending(Object key) {
    return pending.containsKey(key);
  }

  /** When no write of the key waits for the store. */
  CompletableFuture<?> whenQuiet(Object key) {
    Pending present = pending.get(key);
    if (present == null) {
      return CompletableFuture.completedFuture(null);
    }
    if (present.quiet == null) {
      present.quiet = new CompletableFuture<>();
    }
    return present.quiet;
  }
}
