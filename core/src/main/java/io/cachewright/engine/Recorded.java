// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.BadValueException;
import io.cachewright.LimitException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Of a record space: the table has all there is, and the log is where it comes from after a
 * restart.
 *
 * <p>R1: nothing leaves the table but what is removed or expires. At the bounds a put is refused
 * (P7). R2: of a key that was removed an entry without a value stays until the journal has the
 * removal, so that nobody is told of it who might find the key there again (P3). R3: a mirror is
 * told of every change, under the lock under which it is made.
 */
final class Recorded<K, V> extends Logged<K, V> {
  private final Space<K, V> space;
  private final HeldEntries<K, V> entries;

  /** R2, in the order of their sequences. */
  private final Deque<Removed<K, V>> removed = new ArrayDeque<>();

  private record Removed<K, V>(K key, Entry<V> entry) {}

  private final @Nullable Mirror<K, V> mirror;

  private Recorded(Space<K, V> space, Log log, @Nullable MirrorSpec<K, V> mirrored) {
    super(space, log);
    this.space = space;
    this.entries = (HeldEntries<K, V>) space.table(); // it is of a record space
    this.mirror = mirrored == null ? null : new Mirror<>(space, log, mirrored);
  }

  /** Null if the space is not record. */
  static <K, V> @Nullable Recorded<K, V> of(Space<K, V> space, SpaceSpec<K, V> spec) {
    return spec.pattern().isRecord()
        ? new Recorded<>(space, space.engine().requireLog(spec.name()), spec.mirror())
        : null;
  }

  /** Null if it is not mirrored. */
  @Nullable Mirror<K, V> mirror() {
    return mirror;
  }

  /** The mirror of a space; null if it has none. */
  static <K, V> @Nullable Mirror<K, V> mirrorOf(Space<K, V> space) {
    return space.logged() instanceof Recorded<K, V> recorded ? recorded.mirror() : null;
  }

  @Override
  @Nullable PendingRoom room() {
    return null; // the table is the room, and it is looked at under the write lock: see check()
  }

  @Override
  void checkRuns() {}

  @Override
  void check(Change<K, V> change) {
    checkAddsNothing(change);
    if (change instanceof Change.Put<K, V> put
        && !hasRoomFor(/* more= */ 1, space.values().bytes(put.value()))) {
      Growth<K, V> growth = growth();
      growth.add(put);
      growth.check(space.name());
    }
  }

  /** N1 of Records: to be replayed twice must do no harm. */
  void checkAddsNothing(Change<K, V> change) {
    if (change instanceof Change.Put<K, V> put && space.values().adds(put.value())) {
      throw new BadValueException(
          "keyspace "
              + space.name()
              + " is record: change "
              + put.key()
              + " by update, not by"
              + " an increment");
    }
  }

  /** Whether so many more entries have room, with values of so many bytes, whatever is there. */
  boolean hasRoomFor(long more, long bytes) {
    return entries.hasRoomFor(more, bytes);
  }

  /** What is to be added up exactly if {@link #hasRoomFor} says no. */
  Growth<K, V> growth() {
    forgetRemoved(log().durable()); // who was told of a removal may count on its room
    return new Growth<>(entries, space.values());
  }

  private V after(@Nullable Entry<V> present, V patch) {
    return space.values().after(Entry.valueOf(present), patch);
  }

  @Override
  Written<V> apply(Write<K, V> write, long sequence) {
    Change<K, V> change = write.change();
    K key = change.key();
    Entry<V> present = space.table().get(key);
    boolean existed = present != null && present.value() != null;
    V value = null;
    if (change instanceof Change.Put<K, V> put) {
      value = after(present, put.value());
      space.effects().cache(key, value, write.expiresAt(), sequence);
    } else if (present != null) {
      Entry<V> none = Entry.of(null, sequence, Entry.NEVER, Entry.NEVER);
      space.table().put(key, none);
      removed.add(new Removed<>(key, none));
    }
    if (mirror != null) {
      mirror.changed(key, space.table().get(key)); // R3
    }
    space.touch(key);
    space.metrics().writes.increment();
    return new Written<>(value, existed);
  }

  @Override
  CompletableFuture<Void> flush() {
    return mirror == null ? CompletableFuture.completedFuture(null) : mirror.flush();
  }

  @Override
  @Nullable WriteBehindStatus status() {
    return mirror == null ? null : mirror.status();
  }

  /** R2: the journal has got this far. */
  void forgetRemoved(long durable) {
    for (Removed<K, V> next = removed.peek();
        next != null && next.entry().sequence() <= durable;
        next = removed.peek()) {
      entries.remove(next.key(), next.entry());
      removed.remove();
    }
  }

  /**
   * Gives an entry another time: it is put once more. Under no lock. Answers whether it is there.
   */
  CompletableFuture<Boolean> expire(K key, long timeToLive) {
    Watch watch = space.watch(key);
    Entry<V> entry = space.table().get(key);
    V value = entry == null ? null : entry.value();
    if (entry == null || value == null) {
      watch.close();
      return CompletableFuture.completedFuture(false);
    }
    watch.untilEndOf(entry); // or what others have seen to be gone would be there again
    return space
        .engine()
        .commit(
            List.of(new Write<>(space, new Change.Put<>(key, value), timeToLive)),
            List.of(watch),
            /* mayRun= */ false)
        .whenComplete((done, error) -> watch.close())
        .thenCompose(
            done ->
                done == null ? expire(key, timeToLive) : CompletableFuture.completedFuture(true));
  }

  static LimitException full(String keyspace, String bound, long is, long max) {
    return new LimitException(
        String.format(
            "keyspace %s is full: %s is %,d, and it would have %,d. Remove something, or raise it:"
                + " a record keyspace evicts nothing",
            keyspace, bound, max, is));
  }
}
