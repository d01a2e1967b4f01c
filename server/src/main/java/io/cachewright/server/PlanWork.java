// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.ConflictException;
import io.cachewright.engine.Engine;
import io.cachewright.engine.Entry;
import io.cachewright.engine.Space;
import io.cachewright.engine.Unit;
import io.cachewright.server.Plan.Spot;
import io.cachewright.server.Plan.Step;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A plan that runs by itself.
 *
 * <p>P3: no answer says what a crash can still take back. What was found and is not safe yet is
 * waited for as if it were being loaded; what a plan looks up besides (a time to live, say) is
 * waited for before its answer is given away.
 */
final class PlanWork implements Work {
  private static final int TRIES_MAX = 1_000;

  private final Engine engine;
  private final Plan plan;
  private final Consumer<Space<?, ?>> gathering;
  private final LongConsumer telling;
  private final @Nullable Step step;

  /** Null: nobody has asked yet. */
  private @Nullable Collection<Spot> spots;

  /**
   * @param gathering is told the spaces whose loads are to be started when the batch has been read
   * @param telling is told the newest record that {@link #now} has made or seen, before its answer
   *     is given; throws if that is never going to be known
   */
  PlanWork(Engine engine, Plan plan, Consumer<Space<?, ?>> gathering, LongConsumer telling) {
    this.engine = engine;
    this.plan = plan;
    this.gathering = gathering;
    this.telling = telling;
    this.step = plan.reads().isEmpty() ? plan.then().apply(List.of()) : null;
  }

  private static List<Spot> written(Step step) {
    List<Spot> spots = new ArrayList<>(step.writes().size());
    step.writes().forEach(write -> spots.add(new Spot(write.space(), write.change().key())));
    return spots;
  }

  @Override
  public Kind kind() {
    if (step != null && !step.writes().isEmpty()) {
      return Kind.WRITE;
    }
    return plan.changes() && step == null ? Kind.CHANGE : Kind.READ;
  }

  @Override
  public Collection<Spot> spots() {
    Collection<Spot> known = spots;
    if (known == null) {
      known = step == null ? plan.reads() : written(step);
      spots = known;
    }
    return known;
  }

  // ---- at once ----

  /** Changes that the journal acknowledges, of values that are cached. */
  @Override
  public @Nullable Answer now() {
    if (plan.task() != null || kind() == Kind.READ || !isLogged()) {
      return null;
    }
    List<Written<?>> written = new ArrayList<>(1);
    Step ready = step;
    long newest = 0;
    engine.lock();
    try {
      if (ready == null) {
        List<@Nullable Object> values = new ArrayList<>(plan.reads().size());
        if (!look(values)) {
          return null;
        }
        ready = plan.then().apply(values);
      }
      if (!ready.writes().isEmpty()) {
        newest = engine.commitNow(ready.writes(), written::add);
        if (newest < 0) {
          return null;
        }
      }
      ready.effect().run();
    } finally {
      engine.unlock();
    }
    telling.accept(newest);
    return ready.answer().apply(written);
  }

  private boolean isLogged() {
    for (int i = 0; i < plan.reads().size(); i++) {
      if (!plan.reads().get(i).space().isLogged()) {
        return false;
      }
    }
    for (int i = 0; step != null && i < step.writes().size(); i++) {
      if (!step.writes().get(i).space().isLogged()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Gathers the values; answers false if one is not cached. What follows from them, an error too,
   * tells of them: so that is told first.
   */
  private boolean look(List<@Nullable Object> values) {
    long newest = 0;
    for (Spot spot : plan.reads()) {
      Entry<?> entry = spot.peek();
      if (entry == null) {
        return false;
      }
      newest = Math.max(newest, entry.sequence());
      values.add(entry.value());
    }
    plan.reads().forEach(spot -> find(spot.space(), spot.key())); // counted
    telling.accept(newest);
    return true;
  }

  @Override
  public CompletableFuture<Answer> start() {
    try {
      if (plan.task() != null) {
        return plan.task().get();
      } else if (step != null) {
        return finish(step);
      }
      return plan.changes() ? attempt(1) : read().thenCompose(this::answer);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Answer> finish(Step ready) {
    return engine
        .commit(ready.writes(), List.of(), ready.effect(), /* mayRun= */ false)
        .thenApply(written -> ready.answer().apply(written == null ? List.of() : written));
  }

  // ---- reads ----

  private CompletableFuture<Answer> answer(List<@Nullable Object> values) {
    Step ready = plan.then().apply(values);
    ready.effect().run();
    Answer answer = ready.answer().apply(List.of());
    CompletableFuture<Answer> whenShown = CompletableFuture.completedFuture(answer);
    for (Spot spot : plan.reads()) {
      CompletableFuture<?> unsafe = whenSafe(spot.space(), spot.peek());
      if (unsafe != null) {
        whenShown = whenShown.thenCombine(unsafe, (shown, safe) -> shown);
      }
    }
    return whenShown;
  }

  /** Null if it is safe already. */
  @SuppressWarnings("unchecked") // an entry is of its space's type
  private static <V> @Nullable CompletableFuture<Entry<V>> whenSafe(
      Space<?, V> space, @Nullable Entry<?> entry) {
    Entry<V> own = (Entry<V>) entry;
    return own == null || space.isSafe(own) ? null : space.whenSafe(own);
  }

  private CompletableFuture<List<@Nullable Object>> read() {
    List<CompletableFuture<?>> waits = null;
    List<@Nullable Object> values = new ArrayList<>(plan.reads().size());
    for (int i = 0; i < plan.reads().size(); i++) {
      Spot spot = plan.reads().get(i);
      Entry<?> entry = plan.fresh() ? null : find(spot.space(), spot.key());
      values.add(entry == null ? null : entry.value());
      CompletableFuture<?> wait =
          entry == null ? load(spot, values, i) : whenSafe(spot.space(), entry);
      if (wait != null) {
        waits = waits == null ? new ArrayList<>() : waits;
        waits.add(wait);
      }
    }
    return waits == null
        ? CompletableFuture.completedFuture(values)
        : CompletableFuture.allOf(waits.toArray(CompletableFuture<?>[]::new))
            .thenApply(
                done -> {
                  synchronized (values) {
                    return values;
                  }
                });
  }

  private CompletableFuture<?> load(Spot spot, List<@Nullable Object> values, int at) {
    return gather(spot.space(), spot.key())
        .thenApply(
            loaded -> {
              synchronized (values) {
                values.set(at, loaded.value());
              }
              return loaded;
            });
  }

  @SuppressWarnings("unchecked") // a spot's key is of its space's type
  private static <K, V> @Nullable Entry<V> find(Space<K, V> space, Object key) {
    return space.find((K) key);
  }

  @SuppressWarnings("unchecked") // a spot's key is of its space's type
  private <K, V> CompletableFuture<Entry<V>> gather(Space<K, V> space, Object key) {
    if (plan.fresh()) {
      return space.refresh((K) key, /* mayRun= */ false);
    }
    gathering.accept(space);
    return space.gather((K) key);
  }

  // ---- read, change, write ----

  private CompletableFuture<Answer> attempt(int number) {
    Unit unit = new Unit(engine);
    return readAll(unit, plan.reads())
        .thenCompose(
            values -> {
              Step ready = plan.then().apply(values);
              ready.writes().forEach(unit::write);
              return unit.commit(List.of(), ready.effect(), /* mayRun= */ false)
                  .thenCompose(
                      written ->
                          written == null
                              ? again(unit, number)
                              : CompletableFuture.completedFuture(ready.answer().apply(written)));
            })
        .whenComplete((answer, error) -> unit.close());
  }

  private CompletableFuture<Answer> again(Unit unit, int number) {
    if (number == TRIES_MAX) {
      throw new ConflictException(
          "keys " + spots() + " were written by others during each of " + TRIES_MAX + " tries");
    }
    return unit.whenQuiet().thenCompose(quiet -> attempt(number + 1));
  }

  /** The values of these keys as the unit sees them. */
  static CompletableFuture<List<@Nullable Object>> readAll(Unit unit, List<Spot> spots) {
    List<CompletableFuture<?>> reads = new ArrayList<>(spots.size());
    for (Spot spot : spots) {
      reads.add(read(unit, spot.space(), spot.key()));
    }
    return CompletableFuture.allOf(reads.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done -> {
              List<@Nullable Object> values = new ArrayList<>(reads.size());
              reads.forEach(read -> values.add(read.join()));
              return values;
            });
  }

  @SuppressWarnings("unchecked") // a spot's key is of its space's type
  private static <K, V> CompletableFuture<?> read(Unit unit, Space<K, V> space, Object key) {
    return unit.read(space, (K) key, /* mayRun= */ false);
  }
}
