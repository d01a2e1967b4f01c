// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Entry;
import io.cachewright.engine.Space;
import io.cachewright.engine.Watch;
import io.cachewright.engine.Write;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command on rows does, as data, so that it can be run alone or as a part of EXEC:
 *
 * <pre>
 *   read these keys ─► given their values: make these changes ─► given what became of them: answer
 * </pre>
 *
 * @param reads the keys that are read; the values come in the same order
 * @param changes whether what follows from the values may be a change of these keys. Then it is
 *     tried again when somebody else was faster
 * @param fresh whether the keys are loaded whatever the cache has
 * @param then has no effect of its own: it may be called more than once
 * @param task what is done in place of all that, of no keys; null: nothing is
 */
record Plan(
    List<Spot> reads,
    boolean changes,
    boolean fresh,
    Function<List<@Nullable Object>, Step> then,
    @Nullable Supplier<CompletableFuture<Answer>> task) {

  Plan(
      List<Spot> reads,
      boolean changes,
      boolean fresh,
      Function<List<@Nullable Object>, Step> then) {
    this(reads, changes, fresh, then, null);
  }

  /** A key of a space. */
  record Spot(Space<?, ?> space, Object key) {

    /** The removal of the key. */
    Write<?, ?> remove() {
      return remove(space, key);
    }

    @SuppressWarnings("unchecked") // a spot's key is of its space's type
    private static <K, V> Write<K, V> remove(Space<K, V> space, Object key) {
      return new Write<>(space, new Change.Remove<>((K) key));
    }

    /** The entry, if the cache has it; not counted. */
    @Nullable Entry<?> peek() {
      return peek(space, key);
    }

    @SuppressWarnings("unchecked") // a spot's key is of its space's type
    private static <K, V> @Nullable Entry<V> peek(Space<K, V> space, Object key) {
      return space.peek((K) key);
    }

    /** Gives the entry another end, if the cache has it. */
    boolean expire(long expiresAt) {
      return expire(space, key, expiresAt);
    }

    @SuppressWarnings("unchecked") // a spot's key is of its space's type
    private static <K, V> boolean expire(Space<K, V> space, Object key, long expiresAt) {
      return space.expire((K) key, expiresAt);
    }

    /** Drops the entry from the cache. */
    boolean evict() {
      return evict(space, key);
    }

    @SuppressWarnings("unchecked") // a spot's key is of its space's type
    private static <K, V> boolean evict(Space<K, V> space, Object key) {
      return space.evict((K) key);
    }

    Watch watch() {
      return watch(space, key);
    }

    @SuppressWarnings("unchecked") // a spot's key is of its space's type
    private static <K, V> Watch watch(Space<K, V> space, Object key) {
      return space.watch((K) key);
    }
  }

  /**
   * The second half of a plan.
   *
   * @param effect what is done to the cache alone, in the moment in which the changes become
   *     visible
   * @param answer is called after the effect, with what became of each write
   */
  record Step(
      List<? extends Write<?, ?>> writes,
      Runnable effect,
      Function<List<Written<?>>, Answer> answer) {

    static Step answer(Answer answer) {
      return new Step(List.of(), () -> {}, written -> answer);
    }

    static Step write(Write<?, ?> write, Function<Written<?>, Answer> answer) {
      return new Step(List.of(write), () -> {}, written -> answer.apply(written.get(0)));
    }

    static Step effect(Runnable effect, Supplier<Answer> answer) {
      return new Step(List.of(), effect, written -> answer.get());
    }
  }

  /** Reads one key and answers. */
  static Plan read(Spot spot, Function<@Nullable Object, Answer> answer) {
    return readAll(List.of(spot), values -> answer.apply(values.get(0)));
  }

  static Plan readAll(List<Spot> spots, Function<List<@Nullable Object>, Answer> answer) {
    return new Plan(spots, false, false, values -> Step.answer(answer.apply(values)));
  }

  /** Loads one key whatever the cache has, and answers. */
  static Plan refresh(Spot spot, Function<@Nullable Object, Answer> answer) {
    return new Plan(List.of(spot), false, true, values -> Step.answer(answer.apply(values.get(0))));
  }

  /** Changes one key in a way that depends on its value. */
  static Plan change(Spot spot, Function<@Nullable Object, Step> then) {
    return new Plan(List.of(spot), true, false, values -> then.apply(values.get(0)));
  }

  /** Writes, whatever is there. */
  static Plan write(Step step) {
    return new Plan(List.of(), true, false, values -> step);
  }

  /** Does something to the cache alone, after the writes before it. */
  static Plan effect(Runnable effect, Supplier<Answer> answer) {
    return new Plan(List.of(), false, false, values -> Step.effect(effect, answer));
  }

  /** Does something that is about no keys and may wait, after the writes before it. */
  static Plan task(Supplier<CompletableFuture<Answer>> task) {
    return new Plan(List.of(), false, false, values -> Step.answer(out -> {}), task);
  }
}
