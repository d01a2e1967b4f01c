// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of a caller while it is being put together: reads are watched, writes are gathered
 * and laid over the unit's own reads, and all of it is committed at once or not at all.
 *
 * <p>Optimistic: if something that was read is written by others before the commit, nothing is done
 * and the caller begins a new unit. For one thread at a time. Must be closed.
 */
public final class Unit implements AutoCloseable {

  private record Place(Space<?, ?> space, Object key) {}

  private final Engine engine;
  private final List<Watch> watches = new ArrayList<>();
  private final List<Write<?, ?>> writes = new ArrayList<>();
  private final Set<Place> watched = new HashSet<>();
  private final Map<Place, List<Change<?, ?>>> changes = new HashMap<>();
  private final Map<Place, CompletableFuture<? extends Entry<?>>> reads = new HashMap<>();
  private volatile boolean closed;

  public Unit(Engine engine) {
    this.engine = engine;
  }

  /** The key's value as this unit sees it; loaded if need be. */
  @SuppressWarnings("unchecked") // a place's entries and changes are of its space's types
  public <K, V> CompletableFuture<@Nullable V> read(Space<K, V> space, K key, boolean mayRun) {
    Place place = new Place(space, key);
    CompletableFuture<Entry<V>> base = (CompletableFuture<Entry<V>>) reads.get(place);
    if (base == null) {
      watches.add(space.watch(key));
      base = space.entry(key, mayRun);
      reads.put(place, base);
    }
    List<Change<?, ?>> own = List.copyOf(changes.getOrDefault(place, List.of()));
    return base.thenApply(
        entry -> {
          V value = entry.value();
          for (Change<?, ?> change : own) {
            value = apply(space, value, (Change<K, V>) change);
          }
          return value;
        });
  }

  /** What a change makes of a value, in memory. */
  static <K, V> @Nullable V apply(Space<K, V> space, @Nullable V base, Change<K, V> change) {
    if (change instanceof Change.Put<K, V> put) {
      return space.values().after(base, put.value());
    } else if (change instanceof Change.Insert<K, V> insert) {
      return base == null ? insert.value() : base;
    }
    return null;
  }

  /** Makes the commit depend on a key that is read by other ways. */
  <K, V> void watch(Space<K, V> space, K key) {
    if (watched.add(new Place(space, key))) {
      watches.add(space.watch(key));
    }
  }

  /** Gathers a write. */
  public <K, V> void write(Write<K, V> write) {
    write.checkAllowed();
    writes.add(write);
    changes
        .computeIfAbsent(
            new Place(write.space(), write.change().key()), absent -> new ArrayList<>())
        .add(write.change());
  }

  /** Makes the commit depend on a watch that was opened elsewhere. It is not closed here. */
  public CompletableFuture<@Nullable List<Written<?>>> commit(
      Collection<Watch> others, boolean mayRun) {
    return commit(others, () -> {}, mayRun);
  }

  /**
   * As {@link #commit(Collection, boolean)}.
   *
   * @param alongside see {@link Engine#commit(List, Collection, Runnable, boolean)}
   */
  public CompletableFuture<@Nullable List<Written<?>>> commit(
      Collection<Watch> others, Runnable alongside, boolean mayRun) {
    List<Watch> all = new ArrayList<>(watches);
    all.addAll(others);
    return engine.commit(writes, all, alongside, mayRun);
  }

  /** When it makes sense to begin again after a commit that did nothing. */
  public CompletableFuture<?> whenQuiet() {
    return engine.whenQuiet(watches);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    watches.forEach(Watch::close);
    watches.clear();
  }
}
