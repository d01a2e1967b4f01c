// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.BadValueException;
import io.cachewright.JournalException;
import io.cachewright.LimitException;
import io.cachewright.StoreAwayException;
import io.cachewright.engine.Generation.Due;
import io.cachewright.journal.Disk;
import io.cachewright.journal.DiskFile;
import io.cachewright.store.ByteSink;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes that a store refused for good (P6), a file for each key.
 *
 * <pre>
 *   flush ─► refused ─► file, on disk ─► the flush commits without it
 *            later changes of the key ─► file, on disk ─► their flush commits without them
 *            retry ─► file says "sent with the flush up to S" ─► that flush ─┬─ committed: no file
 *                                                                            └─ refused: as above
 * </pre>
 *
 * <p>K1: a change is in a file on disk before a flush commits without it. K2: of a key, either all
 * changes in a flush are applied or none; so a file with sequence s has all of them up to s, and a
 * replay leaves those out. K3: a file is deleted only when its changes are in the store, or by the
 * user's wish. K4: as long as it is there, loads see it laid over what the store has. K5: a file
 * says with which flush it was sent only until a start finds that this was not committed; or a
 * later flush, which passes the same position without it, would be taken for that one.
 *
 * <p>The table of keys is changed under the engine's write lock, and files under this object's,
 * which is taken before that one.
 */
final class Parking {
  private static final Logger log = LoggerFactory.getLogger(Parking.class);
  private static final String SUFFIX = ".parked";
  private static final String UNFINISHED = "unfinished";
  private static final int FILE_BYTES_MAX = 256 << 20;

  /** P7: at these bounds flushes fail, and are tried again, until something is unparked. */
  private static final int KEYS_MAX = 10_000;

  private static final long BYTES_MAX = 64 << 20;

  private final Engine engine;
  private final Disk disk;
  private final Map<Space<?, ?>, Map<Object, ParkedKey<?, ?>>> parked = new ConcurrentHashMap<>();

  /** What is parked of keyspaces that are not open, by their names. */
  private final Map<String, List<ParkedFormat.Content>> unopened = new HashMap<>();

  private long lastId;
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  private Parking(Engine engine, Disk disk) {
    this.engine = engine;
    this.disk = disk;
  }

  /**
   * @param disk a directory that is locked
   * @throws JournalException if a file is damaged
   */
  static Parking open(Engine engine, Disk disk) {
    Parking parking = new Parking(engine, disk);
    try {
      for (String name : disk.list()) {
        if (name.endsWith(SUFFIX)) {
          ParkedFormat.Content content =
              ParkedFormat.read(disk.directory() + "/" + name, parking.read(name));
          parking.lastId = Math.max(parking.lastId, content.id());
          parking
              .unopened
              .computeIfAbsent(content.keyspace(), absent -> new ArrayList<>())
              .add(content);
        }
      }
      disk.delete(UNFINISHED);
    } catch (IOException e) {
      throw failed(disk, "read", e);
    }
    return parking;
  }

  // ---- keyspaces ----

  /** Names of keyspaces that have parked changes and are not open. */
  synchronized Set<String> unopened() {
    return Set.copyOf(unopened.keySet());
  }

  /**
   * A keyspace is being opened.
   *
   * @param position where its store stands
   */
  synchronized <K, V> void opened(Space<K, V> space, long position, Decoder<K, V> decoder) {
    List<ParkedKey<?, ?>> present = new ArrayList<>();
    for (ParkedFormat.Content content : unopened.getOrDefault(space.name(), List.of())) {
      if (content.retriedTo() > 0 && content.retriedTo() <= position) {
        delete(List.of(content.id())); // the crash came between the commit and this
        continue;
      }
      List<Change<K, V>> changes = content.changes().stream().map(decoder::change).toList();
      ParkedKey<K, V> parkedKey =
          new ParkedKey<>(
              content.id(),
              space,
              changes.get(0).key(),
              content.sequence(),
              changes,
              content.reason(),
              /* retryFrom= */ 0);
      if (content.retriedTo() > 0) { // K5
        save(parkedKey, /* retriedTo= */ 0);
        sync(true);
      }
      present.add(parkedKey);
    }
    unopened.remove(space.name()); // not before: what fails here is tried anew
    place(present);
    if (!present.isEmpty()) {
      log.warn("keyspace {}: changes of {} keys are parked", space.name(), present.size());
    }
  }

  /** Makes changes of what was logged. */
  interface Decoder<K, V> {
    Change<K, V> change(TransactionFormat.Logged logged);
  }

  // ---- reads, under the write lock ----

  @SuppressWarnings("unchecked") // a space's parked changes are of its types
  <K, V> @Nullable ParkedKey<K, V> get(Space<K, V> space, K key) {
    if (size.get() == 0) {
      return null;
    }
    Map<Object, ParkedKey<?, ?>> of = parked.get(space);
    return of == null ? null : (ParkedKey<K, V>) of.get(key);
  }

  /** How many keys have parked changes. */
  int size() {
    return size.get();
  }

  List<ParkedKey<?, ?>> list() {
    List<ParkedKey<?, ?>> all = new ArrayList<>();
    parked.values().forEach(of -> all.addAll(of.values()));
    all.sort(Comparator.comparingLong(ParkedKey::id));
    return all;
  }

  // ---- the flusher ----

  /**
   * Before an attempt to flush: parked keys that are to be tried again, and then those of the
   * changes whose keys are not parked. The others join what is parked of their keys (K1).
   */
  synchronized List<Due<?, ?>> unparked(WriteBehind behind, List<Due<?, ?>> all, long to) {
    if (size.get() == 0) {
      return all;
    }
    List<Due<?, ?>> left = new ArrayList<>();
    Set<Long> retried = new HashSet<>();
    for (ParkedKey<?, ?> each : retried(behind, to)) {
      save(each, to);
      retried.add(each.id());
      left.addAll(each.due());
    }
    Map<Long, ParkedKey<?, ?>> joined = new LinkedHashMap<>();
    for (Due<?, ?> due : all) {
      ParkedKey<?, ?> before = parkedOf(due);
      boolean isThere = before != null && due.sequence() <= before.sequence();
      if (before == null || (retried.contains(before.id()) && !isThere)) {
        left.add(due);
      } else if (!isThere) {
        joined.put(before.id(), join(joined.getOrDefault(before.id(), before), due));
      }
    }
    checkRoom(joined.values());
    joined.values().forEach(each -> save(each, /* retriedTo= */ 0));
    sync(!joined.isEmpty() || !retried.isEmpty());
    place(joined.values());
    return left;
  }

  /** Those that go with the flush up to this sequence. */
  List<ParkedKey<?, ?>> retried(WriteBehind behind, long to) {
    if (size.get() == 0) {
      return List.of();
    }
    return list().stream()
        .filter(each -> each.retryFrom() > 0 && each.retryFrom() <= to)
        .filter(each -> each.space().behind() == behind)
        .toList();
  }

  private <K, V> @Nullable ParkedKey<K, V> parkedOf(Due<K, V> due) {
    return get(due.space(), due.change().key());
  }

  @SuppressWarnings("unchecked") // both are of the same space
  private static <K, V> ParkedKey<K, V> join(ParkedKey<K, V> before, Due<?, ?> due) {
    return before.and(due.sequence(), (Change<K, V>) due.change());
  }

  /**
   * Parks all changes of the keys that were refused (K1).
   *
   * @throws StoreAwayException if one of them has been applied in this attempt, before one that was
   *     refused: the next attempt is made without them (K2)
   */
  synchronized void park(List<Due<?, ?>> sent, List<Refused> refused) {
    Map<Object, Refused> byKey = new HashMap<>();
    for (Refused each : refused) {
      byKey.put(place(sent.get(each.place())), each);
    }
    Map<Object, List<Due<?, ?>>> changes = new LinkedHashMap<>();
    boolean applied = false;
    for (int i = 0; i < sent.size(); i++) {
      Refused why = byKey.get(place(sent.get(i)));
      if (why != null) {
        applied |= i < why.place();
        changes.computeIfAbsent(place(sent.get(i)), absent -> new ArrayList<>()).add(sent.get(i));
      }
    }
    List<ParkedKey<?, ?>> added = new ArrayList<>();
    changes.forEach(
        (key, dues) -> added.add(parkedKey(dues, Objects.requireNonNull(byKey.get(key)))));
    checkRoom(added);
    added.forEach(each -> save(each, /* retriedTo= */ 0));
    sync(true);
    place(added);
    for (ParkedKey<?, ?> each : added) {
      log.warn(
          "keyspace {}: key {} is parked as {}: {}",
          each.space().name(),
          each.key(),
          each.id(),
          each.reason().message());
    }
    if (applied) {
      throw new StoreAwayException("parked changes are left out from the next attempt on", null);
    }
  }

  private record Place(Space<?, ?> space, Object key) {}

  private static Place place(Due<?, ?> due) {
    return new Place(due.space(), due.change().key());
  }

  @SuppressWarnings("unchecked") // the changes of a key are of its space's types
  private <K, V> ParkedKey<K, V> parkedKey(List<Due<?, ?>> dues, Refused refused) {
    Due<K, V> first = (Due<K, V>) dues.get(0);
    List<Change<K, V>> changes = new ArrayList<>();
    dues.forEach(due -> changes.add((Change<K, V>) due.change()));
    ParkedKey<K, V> before = parkedOf(first);
    ParkedKey.Reason reason =
        new ParkedKey.Reason(
            refused.cause().code(),
            String.valueOf(refused.cause().getMessage()),
            before == null ? System.currentTimeMillis() : before.reason().since(),
            before == null ? 1 : before.reason().tries() + 1);
    return new ParkedKey<>(
        before == null ? ++lastId : before.id(),
        first.space(),
        first.change().key(),
        dues.get(dues.size() - 1).sequence(),
        List.copyOf(changes),
        reason,
        /* retryFrom= */ 0);
  }

  private void checkRoom(Collection<ParkedKey<?, ?>> next) {
    int keys = 0;
    long more = 0;
    for (ParkedKey<?, ?> each : next) {
      ParkedKey<?, ?> before = parked.getOrDefault(each.space(), Map.of()).get(each.key());
      keys += before == null ? 1 : 0;
      more += each.bytes() - (before == null ? 0 : before.bytes());
    }
    if ((keys > 0 && size.get() + keys > KEYS_MAX)
        || (more > 0 && bytes.get() + more > BYTES_MAX)) {
      throw new LimitException(
          String.format(
              "%,d keys with %,d bytes are parked, and %,d more with %,d bytes would be over the"
                  + " bounds of %,d keys and %,d bytes: mend, retry or discard some",
              size.get(), bytes.get(), keys, more, KEYS_MAX, BYTES_MAX));
    }
  }

  // ---- mirrors: what a key has now may be tried at any time, in place of what was refused ----

  /** The keys of a space that have parked changes. */
  @SuppressWarnings("unchecked") // a space's keys are of its type
  <K, V> List<K> keys(Space<K, V> space) {
    Map<Object, ParkedKey<?, ?>> all = parked.get(space);
    return all == null ? List.of() : all.keySet().stream().map(key -> (K) key).toList();
  }

  /** What is parked of these keys. */
  <K, V> List<ParkedKey<K, V>> of(Space<K, V> space, Collection<K> keys) {
    List<ParkedKey<K, V>> found = new ArrayList<>();
    for (K key : size.get() == 0 ? List.<K>of() : keys) {
      ParkedKey<K, V> each = get(space, key);
      if (each != null) {
        found.add(each);
      }
    }
    return found;
  }

  /** The store has what these keys have now, unless it was refused again: they are not parked. */
  synchronized <K, V> void stored(List<ParkedKey<K, V>> before) {
    List<ParkedKey<K, V>> gone =
        before.stream().filter(each -> each.equals(get(each.space(), each.key()))).toList();
    if (!gone.isEmpty()) {
      unplace(gone);
      try {
        delete(gone.stream().map(ParkedKey::id).toList());
      } catch (JournalException e) { // the next start has their keys tried again, as they are then
        log.warn("{}", e.getMessage());
      }
    }
  }

  // ---- people ----

  @Nullable ParkedKey<?, ?> find(long id) {
    return list().stream().filter(each -> each.id() == id).findFirst().orElse(null);
  }

  /**
   * Does something with what is parked under this id, while the flusher adds nothing to it.
   *
   * @throws BadValueException if there is nothing
   */
  synchronized <T> T with(long id, Function<ParkedKey<?, ?>, T> work) {
    ParkedKey<?, ?> parked = find(id);
    if (parked == null) {
      throw new BadValueException("nothing is parked under " + id);
    }
    return work.apply(parked);
  }

  /**
   * Within {@link #with}: has a key tried again with the first flush that contains the note. One
   * that is being tried stays with the flush that it went with.
   */
  void retry(ParkedKey<?, ?> each, LongSupplier note) {
    engine.runLocked(
        () -> {
          long from = note.getAsLong();
          if (each.retryFrom() == 0) {
            place(List.of(each.withRetryFrom(from)));
          }
        });
  }

  /** Within {@link #with}: puts other changes in place of those that were refused. */
  void replace(ParkedKey<?, ?> each) {
    save(each, /* retriedTo= */ 0);
    sync(true);
    place(List.of(each));
  }

  /** Within {@link #with}: nobody wants it there any more (K3). */
  void remove(ParkedKey<?, ?> gone) {
    delete(List.of(gone.id())); // if it cannot be deleted, it would come back
    unplace(List.of(gone));
  }

  /** Takes them out of the table, and leaves their files. */
  void unplace(Collection<? extends ParkedKey<?, ?>> gone) {
    engine.runLocked(
        () -> {
          for (ParkedKey<?, ?> each : gone) {
            Map<Object, ParkedKey<?, ?>> of = parked.get(each.space());
            ParkedKey<?, ?> removed = of == null ? null : of.remove(each.key());
            if (removed != null) {
              size.decrementAndGet();
              bytes.addAndGet(-removed.bytes());
            }
          }
        });
  }

  private void place(Collection<? extends ParkedKey<?, ?>> all) {
    engine.runLocked(
        () -> {
          for (ParkedKey<?, ?> each : all) {
            ParkedKey<?, ?> before =
                parked
                    .computeIfAbsent(each.space(), absent -> new ConcurrentHashMap<>())
                    .put(each.key(), each);
            size.addAndGet(before == null ? 1 : 0);
            bytes.addAndGet(each.bytes() - (before == null ? 0 : before.bytes()));
          }
        });
  }

  // ---- files ----

  private static String name(long id) {
    return String.format("%020d%s", id, SUFFIX);
  }

  private byte[] read(String name) throws IOException {
    try (DiskFile file = disk.open(name, /* readOnly= */ true)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), FILE_BYTES_MAX));
      file.readAll(bytes, 0);
      return bytes.array();
    }
  }

  private void save(ParkedKey<?, ?> each, long retriedTo) {
    ByteSink sink = new ByteSink(FILE_BYTES_MAX);
    ParkedFormat.write(each, retriedTo, sink);
    try {
      try (DiskFile file = disk.create(UNFINISHED)) {
        file.writeAll(ByteBuffer.wrap(sink.array(), 0, sink.length()), 0);
        file.force();
      }
      disk.rename(UNFINISHED, name(each.id()));
    } catch (IOException e) {
      throw failed(disk, "written", e);
    }
  }

  private void sync(boolean changed) {
    try {
      if (changed) {
        disk.syncDirectory();
      }
    } catch (IOException e) {
      throw failed(disk, "written", e);
    }
  }

  void delete(Collection<Long> ids) {
    try {
      for (long id : ids) {
        disk.delete(name(id));
      }
      disk.syncDirectory();
    } catch (IOException e) {
      throw failed(disk, "deleted", e);
    }
  }

  private static JournalException failed(Disk disk, String what, IOException cause) {
    return new JournalException(
        "parked changes: a file in " + disk.directory() + " cannot be " + what + ": " + cause,
        cause);
  }

  /**
   * Leaves the files of a keyspace, which is open and has no use for them now, for another time.
   */
  synchronized void leave(String keyspace) {
    unopened.remove(keyspace);
  }

  /** Drops what is parked of a keyspace that is never to be opened again; answers how much. */
  synchronized int forget(String keyspace) {
    List<ParkedFormat.Content> contents = unopened.remove(keyspace);
    if (contents == null) {
      return 0;
    }
    delete(contents.stream().map(ParkedFormat.Content::id).toList());
    return contents.size();
  }
}
