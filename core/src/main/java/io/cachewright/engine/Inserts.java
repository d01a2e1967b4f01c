// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.ConflictException;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A transaction with inserts that are to be logged. Whether an insert does anything depends on what
 * its store has, and the store is not asked any more once it is logged. So it is asked before:
 *
 * <pre>
 *   watch ─► load ─► absent: a put; present: nothing ─► commit unless overtaken
 * </pre>
 */
record Inserts(
    Engine engine,
    List<? extends Write<?, ?>> writes,
    Collection<Watch> watches,
    Runnable alongside) {
  private static final int TRIES_MAX = 1_000;

  CompletableFuture<@Nullable List<Written<?>>> commit(boolean mayRun) {
    return attempt(mayRun, 1);
  }

  private CompletableFuture<@Nullable List<Written<?>>> attempt(boolean mayRun, int number) {
    List<Watch> own = new ArrayList<>();
    List<CompletableFuture<Resolved>> all = new ArrayList<>();
    for (Write<?, ?> write : writes) {
      all.add(resolve(write, own, mayRun));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .thenCompose(done -> commit(all.stream().map(CompletableFuture::join).toList(), own))
        .whenComplete((done, error) -> own.forEach(Watch::close))
        .thenCompose(done -> done != null ? completed(done) : overtaken(number));
  }

  private static CompletableFuture<@Nullable List<Written<?>>> completed(
      @Nullable List<Written<?>> written) {
    return CompletableFuture.completedFuture(written);
  }

  /** By one of the caller's watches, which is for him to know; or of the inserts', which is not. */
  private CompletableFuture<@Nullable List<Written<?>>> overtaken(int number) {
    if (engine.locked(() -> Engine.isOvertaken(watches))) {
      return completed(null);
    } else if (number == TRIES_MAX) {
      throw new ConflictException(
          "keys to be inserted were written by others during each of " + TRIES_MAX + " tries");
    }
    return attempt(/* mayRun= */ false, number + 1);
  }

  /** What is left of a write: another, or what it would have answered. */
  private record Resolved(@Nullable Write<?, ?> write, @Nullable Written<?> present) {}

  private static <K, V> CompletableFuture<Resolved> resolve(
      Write<K, V> write, List<Watch> own, boolean mayRun) {
    if (!(write.change() instanceof Change.Insert<K, V> insert) || !write.space().isLogged()) {
      return CompletableFuture.completedFuture(new Resolved(write, null));
    }
    own.add(write.space().watch(insert.key()));
    return write
        .space()
        .newestEntry(insert.key(), mayRun)
        .thenCompose(
            entry ->
                entry.value() == null
                    ? CompletableFuture.completedFuture(new Resolved(put(write, insert), null))
                    : write
                        .space()
                        .whenSafe(entry)
                        .thenApply(safe -> new Resolved(null, new Written<>(safe.value(), true))));
  }

  private static <K, V> Write<K, V> put(Write<K, V> write, Change.Insert<K, V> insert) {
    return new Write<>(
        write.space(), new Change.Put<>(insert.key(), insert.value()), write.timeToLive());
  }

  private CompletableFuture<@Nullable List<Written<?>>> commit(
      List<Resolved> resolved, List<Watch> own) {
    List<Write<?, ?>> left = new ArrayList<>();
    for (Resolved each : resolved) {
      if (each.write() != null) {
        left.add(each.write());
      }
    }
    List<Watch> all = new ArrayList<>(own);
    all.addAll(watches);
    return engine
        .commit(left, all, alongside, /* mayRun= */ false)
        .thenApply(written -> written == null ? null : merged(resolved, written));
  }

  private static List<Written<?>> merged(List<Resolved> resolved, List<Written<?>> written) {
    List<Written<?>> results = new ArrayList<>(resolved.size());
    int next = 0;
    for (Resolved each : resolved) {
      Written<?> present = each.present();
      results.add(present != null ? present : put(written.get(next++)));
    }
    return results;
  }

  /** An insert that did something found nothing. */
  private static <V> Written<V> put(Written<V> written) {
    return new Written<>(written.value(), /* existed= */ false);
  }
}
