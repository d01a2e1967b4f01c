// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.ConflictException;
import io.cachewright.Keyspace;
import io.cachewright.UnitOfWork;
import io.cachewright.store.Change;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs a caller's work as a {@link Unit}, again and again until nobody overtakes it. */
public final class Units {
  private static final int TRIES_MAX = 100;

  private Units() {}

  public static <R> R run(Engine engine, Function<UnitOfWork, R> work) {
    for (int number = 0; number < TRIES_MAX; number++) {
      try (Unit unit = new Unit(engine)) {
        R result = work.apply(new Scope(engine, unit, Thread.currentThread()));
        if (KeyspaceView.await(unit.commit(List.of(), /* mayRun= */ true)) != null) {
          return result;
        }
        KeyspaceView.await(unit.whenQuiet());
      }
    }
    throw new ConflictException(
        "a transaction was overtaken by other writers on each of " + TRIES_MAX + " tries");
  }

  private record Scope(Engine engine, Unit unit, Thread owner) implements UnitOfWork {

    @Override
    public <K, V> @Nullable V get(Keyspace<K, V> keyspace, K key) {
      return read(view(keyspace), key);
    }

    private <K, V, S, T> @Nullable V read(KeyspaceView<K, V, S, T> view, K key) {
      T value =
          KeyspaceView.await(
              unit.read(view.space(), view.lens().storeKey(key), /* mayRun= */ true));
      return value == null ? null : view.lens().callerValue(value);
    }

    @Override
    public <K, V> void put(Keyspace<K, V> keyspace, K key, V value) {
      write(view(keyspace), key, value);
    }

    private <K, V, S, T> void write(KeyspaceView<K, V, S, T> view, K key, V value) {
      Lens<K, V, S, T> lens = view.lens();
      unit.write(
          new Write<>(
              view.space(), new Change.Put<>(lens.storeKey(key), lens.storeValue(key, value))));
    }

    @Override
    public <K, V> void remove(Keyspace<K, V> keyspace, K key) {
      KeyspaceView<K, V, ?, ?> view = view(keyspace);
      erase(view, key);
    }

    private <K, V, S, T> void erase(KeyspaceView<K, V, S, T> view, K key) {
      unit.write(new Write<>(view.space(), new Change.Remove<>(view.lens().storeKey(key))));
    }

    @SuppressWarnings("unchecked") // there is no other kind of keyspace
    private <K, V> KeyspaceView<K, V, ?, ?> view(Keyspace<K, V> keyspace) {
      if (unit.isClosed() || Thread.currentThread() != owner) {
        throw new IllegalStateException(
            "a unit of work is for the thread that was given it, until its transaction ends");
      }
      if (keyspace instanceof KeyspaceView<?, ?, ?, ?> view && view.space().engine() == engine) {
        return (KeyspaceView<K, V, ?, ?>) view;
      }
      throw new IllegalArgumentException(
          "keyspace " + keyspace.name() + " belongs to another Cachewright");
    }
  }
}
