// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.JournalException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.engine.Replays.Replayed;
import io.cachewright.journal.Acknowledgement;
import io.cachewright.journal.Disk;
import io.cachewright.journal.Durability;
import io.cachewright.journal.FileDisk;
import io.cachewright.journal.Journal;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.JournalStats;
import io.cachewright.store.ByteSink;
import io.cachewright.store.Store;
import io.cachewright.store.Written;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the cache has accepted before its stores have: the journal, and beside it all that hangs on
 * it.
 *
 * <pre>
 *   commit ─► room ─► write lock [ watches, journal, table, write-behind ] ─► acknowledged by the
 *                                                                             journal
 *   start  ─► journal read ─► keyspaces opened, each takes its changes ─► flushers start
 * </pre>
 *
 * <p>L1: a transaction is one record, and appended under the hold of the write lock under which its
 * changes become visible: so the order of records is the order of changes. L2: what cannot be
 * written, or has no room, is refused before anything has changed. L3: nothing is flushed before
 * every keyspace that has replayed changes is open: a flush applies a whole prefix of the log, and
 * they are in it. L4: a segment is deleted when no store needs it any more.
 */
public final class Log {
  private static final Logger log = LoggerFactory.getLogger(Log.class);

  /** From so many segments on, none is held for changes that are not due yet. */
  private static final int HELD_SEGMENTS_MAX = 16;

  private static final byte[] NOTE = {TransactionFormat.NOTE};
  private static final Duration NOTE_WAIT = Duration.ofSeconds(10);

  private final Engine engine;
  private final Journal journal;
  private final JournalOptions options;
  private final Closeable parkedLock;
  private final Parking parking;
  private final Replays replays;
  private final Records records;
  private final Snapshotter snapshotter;
  private final FlushGroups groups = new FlushGroups(this);
  private final LogCommits commits;

  private volatile Set<String> unopened;

  /**
   * Where a log is kept.
   *
   * @param journal its segments
   * @param parked parked changes
   */
  public record Place(Disk journal, Disk parked, JournalOptions options) {

    public static Place of(Path directory, Durability durability) {
      return new Place(
          new FileDisk(directory.resolve("journal")),
          new FileDisk(directory.resolve("parked")),
          JournalOptions.DEFAULTS.withDurability(durability));
    }
  }

  private Log(Engine engine, Place place, Journal journal, Closeable parkedLock) {
    this.engine = engine;
    this.options = place.options();
    this.journal = journal;
    this.parkedLock = parkedLock;
    this.parking = Parking.open(engine, place.parked());
    this.replays = Replays.read(journal);
    this.records = new Records(engine, journal, place.journal(), replays);
    this.unopened = findUnopened();
    this.snapshotter = new Snapshotter(this);
    this.commits = new LogCommits(this, records, groups);
    journal.onRoom(this::roomGiven);
  }

  /**
   * @throws ConfigurationException if a directory cannot be used, or another has it
   * @throws io.cachewright.JournalException if something in it is damaged
   */
  static Log open(Engine engine, Place place) {
    Journal journal = Journal.open(place.journal(), place.options());
    try {
      Closeable parkedLock = place.parked().lock();
      try {
        return new Log(engine, place, journal, parkedLock);
      } catch (RuntimeException e) {
        parkedLock.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      journal.close();
      throw e instanceof RuntimeException error
          ? error
          : new ConfigurationException(place.parked().directory() + ": " + e, e);
    }
  }

  // ---- keyspaces ----

  /** Where the changes of a space's store wait. Asks the store how far it has got. */
  synchronized WriteBehind behind(SpaceSpec<?, ?> spec) {
    WriteBehind behind = groups.behind(Objects.requireNonNull(spec.store()), spec.name());
    if (behind == null) {
      throw new ConfigurationException(
          "keyspace "
              + spec.name()
              + ": its store cannot note how far it has got in the log, so it cannot be "
              + spec.pattern().word()
              + "; choose write-through, or a table of a database");
    }
    replays.stands(spec.name(), engine.locked(behind::position));
    return behind;
  }

  /**
   * For those who know that all there is in the log belongs to this store: what it has got already,
   * {@link #unopened} names no more. Asks the store.
   *
   * @param keyspace for messages
   */
  public synchronized void learn(Store<?, ?> store, String keyspace) {
    WriteBehind behind = groups.behind(store, keyspace);
    if (behind != null) {
      replays.flushed(engine.locked(behind::position));
      unopened = findUnopened();
    }
  }

  /** Gives a new space what was logged before the start; if that fails, the next finds it, too. */
  synchronized <K, V> void replay(Space<K, V> space) {
    WriteBehind behind = space.behind();
    if (behind == null) {
      records.fill(space, replays);
      groups.opened(space, replays);
      records.opened(space);
      snapshotter.start();
      replays.forget(space.name());
      startFlushers();
      return;
    }
    long position = engine.locked(behind::position);
    var columns = Replays.columns();
    List<Replayed<K, V>> changes = replays.changes(space, position);
    if (changes.stream().anyMatch(each -> each.at() > 0)) {
      throw Replays.other(space.name(), "entries of a record keyspace");
    }
    parking.opened(space, position, logged -> logged.change(space.keys(), space.values(), columns));
    for (Replayed<K, V> each : changes) {
      engine.runLocked(
          () -> {
            ParkedKey<K, V> parked = parking.get(space, each.change().key());
            if (parked == null || each.sequence() > parked.sequence()) { // K2 of Parking
              behind.replay(each.sequence(), space, each.change());
            }
          });
    }
    replays.forget(space.name());
    if (!changes.isEmpty()) {
      log.info(
          "keyspace {}: {} changes were not in the database yet", space.name(), changes.size());
    }
    startFlushers();
  }

  /** Of a keyspace that is not logged now, and perhaps was: its store lacks what waits of it. */
  synchronized void checkNothingWaits(SpaceSpec<?, ?> spec, Store<?, ?> store) {
    String name = spec.name();
    if (unopened.contains(name)) {
      WriteBehind behind = groups.behind(store, name);
      if (behind != null) { // after a crash nobody else knows how far it has got
        replays.flushed(name, engine.locked(behind::position));
        unopened = findUnopened();
      }
    }
    if (unopened.contains(name)) {
      throw Replays.other(name, "changes of another pattern than " + spec.pattern().word());
    }
  }

  /** L3. */
  private void startFlushers() {
    unopened = findUnopened();
    if (unopened.isEmpty()) {
      groups.start();
    }
  }

  private Set<String> findUnopened() {
    Set<String> names = new TreeSet<>(replays.unflushed(records.from()));
    names.addAll(parking.unopened());
    names.addAll(records.unopened());
    return names;
  }

  /** Keyspaces that have changes which wait or are parked, and are not open. */
  public Set<String> unopened() {
    return unopened;
  }

  /** Drops what waits, and what is parked, of a keyspace that is not open; answers how much. */
  public synchronized int forget(String keyspace) {
    if (engine.space(keyspace) != null) {
      throw new ConfigurationException("keyspace " + keyspace + " is open: nothing was dropped");
    }
    ByteSink record = new ByteSink(options.recordBytesMax());
    TransactionFormat.writeForgotten(keyspace, record);
    journal.reserve(record.length(), NOTE_WAIT);
    long sequence =
        engine.locked(
            () -> {
              long noted = journal.append(record.toByteArray(), Acknowledgement.NONE);
              groups.recordEnds(noted);
              return noted;
            });
    replays.forgotten(keyspace, sequence);
    journal.sync();
    int dropped = replays.forget(keyspace, leastPosition()) + parking.forget(keyspace);
    dropped += records.forget(keyspace) ? 1 : 0;
    startFlushers();
    return dropped;
  }

  // ---- writes ----

  /**
   * As {@link Engine#commit}, of writes of which one or more are logged. While there is no room for
   * it, in {@code max-pending} or in the journal, it waits: without a thread, behind those of its
   * keyspaces that came before, for at most the {@code waitMax} of the first of these. Those who
   * block and those who do not wait in the same order, so neither can starve the other.
   *
   * @param callerWaits whether a thread waits for the answer
   */
  CompletableFuture<@Nullable List<Written<?>>> commit(
      List<? extends Write<?, ?>> writes,
      Collection<Watch> watches,
      Runnable alongside,
      boolean callerWaits) {
    return commits.commit(writes, watches, alongside, callerWaits);
  }

  /**
   * As {@link #commit} for those who have the write lock, of changes that are logged or change
   * nothing but the cache: they are acknowledged when the journal has got to the sequence that is
   * answered. Never waits. {@link #write} must follow, soon.
   *
   * @param results takes what became of each
   * @return 0 if none of them is logged; below 0 if there is no room, or others wait for it
   *     already: then nothing was changed, and {@link #commit} would wait
   */
  long commitNow(List<? extends Write<?, ?>> writes, Consumer<Written<?>> results) {
    return commits.commitNow(writes, results);
  }

  /** Has what was committed now go to the disk: see {@link Journal#write}. Under no lock. */
  public void write() {
    journal.write();
  }

  /** How many commits wait for room. */
  int waiting() {
    return commits.waiting().size();
  }

  void roomGiven() {
    commits.waiting().roomGiven();
  }

  /**
   * Appends a record without a change, so that there is something to flush. Under the write lock,
   * after {@link #reserveNote}.
   *
   * @return its sequence
   */
  long note() {
    long sequence = journal.append(NOTE, Acknowledgement.NONE);
    groups.recordEnds(sequence);
    return sequence;
  }

  void reserveNote() {
    journal.reserve(NOTE.length, NOTE_WAIT);
  }

  void releaseNote() {
    journal.release(NOTE.length);
  }

  // ---- how far it is ----

  /** Up to here nothing can be lost any more: what is above must not be shown (P3). */
  public long durable() {
    return journal.durableSequence();
  }

  /**
   * @throws io.cachewright.JournalException if the journal has closed before it got there: nobody
   *     knows what is there after a restart
   */
  public void checkReached(long sequence) {
    JournalException failure = journal.failure();
    if (failure != null && sequence > durable()) {
      throw failure;
    }
  }

  public CompletableFuture<Void> whenDurable(long sequence) {
    return journal.whenDurable(sequence);
  }

  /** When everything up to this record is on disk, whatever the durability. */
  CompletableFuture<Void> whenForced(long sequence) {
    return options.durability() == Durability.FSYNC ? whenDurable(sequence) : whenSynced();
  }

  /** As {@link #whenForced}, and waits. */
  void force(long sequence) {
    KeyspaceView.await(whenForced(sequence));
  }

  /** Whether so many segments are kept that what holds them should be flushed, due or not (P7). */
  boolean isLarge() {
    return journal.stats().segments() >= HELD_SEGMENTS_MAX;
  }

  /** Waits for a flush, until that time at most. */
  static void await(CompletableFuture<Void> flush, long endNanos) {
    try {
      flush.get(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      log.debug("draining", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a thread's end, until that time at most. */
  static void join(Thread thread, long endNanos) {
    try {
      TimeUnit.NANOSECONDS.timedJoin(thread, endNanos - System.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All that was logged so far is on disk, whatever the durability. */
  public CompletableFuture<Void> whenSynced() {
    return journal.whenSynced();
  }

  /**
   * Takes a snapshot of all record keyspaces, so that the journal up to it is not needed any more.
   * Returns when it is on disk; no writer waits for it.
   *
   * @throws CacheException if it cannot be written: then the one before stays, and the journal
   */
  public void snapshot() {
    checkRecordsOpen();
    records.snapshot();
    trim();
  }

  /** N3 of {@link Records}, of what only the journal has. */
  private synchronized void checkRecordsOpen() {
    replays.requireNothingLeft(records.from());
  }

  public SnapshotStatus snapshotStatus() {
    return records.status();
  }

  boolean isSnapshotDue() {
    return records.isDue() && unopened.isEmpty();
  }

  /** Flushes what waits of all keyspaces. */
  public CompletableFuture<Void> flush() {
    CompletableFuture<Void> refusal = whyNotFlushed();
    return refusal != null ? refusal : groups.flush();
  }

  /** Flushes what waits of this group. */
  CompletableFuture<Void> flush(WriteBehind behind) {
    CompletableFuture<Void> refusal = whyNotFlushed();
    return refusal != null ? refusal : engine.locked(behind::flush);
  }

  /** L3. Null if it can be. */
  @Nullable CompletableFuture<Void> whyNotFlushed() {
    return unopened.isEmpty()
        ? null
        : CompletableFuture.failedFuture(
            new ConfigurationException(
                "nothing can be flushed before these keyspaces are open, which have changes in the"
                    + " journal: "
                    + unopened
                    + "; open them, or drop those changes with forget"));
  }

  /** When the databases have everything that was logged so far. Flushes nothing sooner for that. */
  public CompletableFuture<Void> whenStored() {
    // What waits for its keyspace to be opened has not been: then there is nobody to say so.
    return unopened().isEmpty() ? groups.whenStored() : new CompletableFuture<>();
  }

  public JournalStats journalStats() {
    return journal.stats();
  }

  /** What the stores have refused for good, for people to look at. */
  public ParkedChanges parked() {
    return new ParkedChanges(this, parking);
  }

  Parking parking() {
    return parking;
  }

  Journal journal() {
    return journal;
  }

  boolean hasReplay(String keyspace) {
    return replays.has(keyspace);
  }

  int recordBytesMax() {
    return options.recordBytesMax();
  }

  Engine engine() {
    return engine;
  }

  /** How far each database has got. */
  public List<WriteBehindStatus> status() {
    return groups.status();
  }

  WriteBehindStatus status(WriteBehind behind) {
    return groups.status(behind);
  }

  // ---- trimming ----

  /** L4. */
  void trim() {
    if (unopened().isEmpty()) {
      journal.trim(leastPosition());
    }
  }

  private long leastPosition() {
    long least = Math.min(groups.leastPosition(), records.neededFrom());
    return least == Long.MAX_VALUE ? 0 : least;
  }

  /** Flushes what waits, for at most so long, and gives the directory up. */
  public void close(Duration drain) {
    commits.waiting().close();
    groups.close(drain);
    snapshotter.close();
    try {
      journal.close();
      parkedLock.close();
    } catch (IOException e) {
      log.warn("{}", e.toString());
    }
  }
}
