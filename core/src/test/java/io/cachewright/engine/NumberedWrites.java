// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.store.Change;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Writes of which it is known what may be read: each key has one writer, who puts its 1st, 2nd, ...
 * value, and every 7th time removes it. A key shows the n-th of them, where n is at least the last
 * that was acknowledged or seen, and at most the last begun; across crashes, too.
 */
final class NumberedWrites {
  static final int KEYS = 12;
  static final int WRITERS = 3;
  private static final int WRITES = 150;

  private final AtomicIntegerArray begun = new AtomicIntegerArray(KEYS);
  private final AtomicIntegerArray safe = new AtomicIntegerArray(KEYS);
  private final IntFunction<String> suffix;
  private final Made made;

  /** Is told of each write under the lock under which it becomes visible. */
  interface Made {
    void made(Engine engine, int key, @Nullable String value);
  }

  /**
   * @param suffix what the n-th value of a key has besides its number
   */
  NumberedWrites(IntFunction<String> suffix) {
    this(suffix, (engine, key, value) -> {});
  }

  NumberedWrites(IntFunction<String> suffix, Made made) {
    this.suffix = suffix;
    this.made = made;
  }

  private @Nullable String value(int key, int index) {
    return index % 7 == 0 ? null : key + ":" + index + suffix.apply(index);
  }

  /** Writes this writer's keys, several writes in flight, until that fails. */
  void write(Space<Integer, String> notes, int writer, Random choices) {
    for (int i = 0; i < WRITES; i++) {
      int key = writer + WRITERS * choices.nextInt(KEYS / WRITERS);
      int index = begun.incrementAndGet(key);
      String value = value(key, index);
      Change<Integer, String> change =
          value == null ? new Change.Remove<>(key) : new Change.Put<>(key, value);
      Engine engine = notes.engine();
      try {
        CompletableFuture<?> written =
            engine
                .commit(
                    List.of(new Write<>(notes, change)),
                    List.of(),
                    () -> made.made(engine, key, value),
                    /* mayRun= */ true)
                .thenRun(() -> safe.accumulateAndGet(key, index, Math::max));
        if (choices.nextInt(4) == 0) {
          written.join();
        }
      } catch (CacheException | CompletionException e) {
        return;
      }
    }
  }

  /**
   * Reads any keys, so many times or until that fails. What it is shown must be there after a
   * crash.
   */
  void read(Space<Integer, String> notes, int times, boolean evicts, Random choices) {
    for (int i = 0; i < times; i++) {
      int key = choices.nextInt(KEYS);
      if (evicts && choices.nextInt(3) == 0) {
        notes.evict(key);
      }
      try {
        see(notes, key);
      } catch (CacheException | CompletionException e) {
        return;
      }
    }
  }

  /**
   * Reads a key, which must show what it may.
   *
   * @return what it shows
   */
  @Nullable String see(Space<Integer, String> notes, int key) {
    int least = safe.get(key);
    String seen = notes.entry(key, /* mayRun= */ true).join().value();
    int last = begun.get(key);
    for (int index = least; index <= last; index++) {
      if (Objects.equals(seen, value(key, index))) {
        safe.accumulateAndGet(key, index, Math::max);
        return seen;
      }
    }
    throw new AssertionError(
        "key " + key + " has " + seen + ", acknowledged or seen were " + least + " to " + last);
  }
}
