// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.engine.Replays.Replayed;
import io.cachewright.journal.Disk;
import io.cachewright.journal.Journal;
import io.cachewright.journal.Snapshot;
import io.cachewright.journal.SnapshotWriter;
import io.cachewright.journal.Snapshots;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Change;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record spaces of a log, and the snapshots that spare it from being kept for ever.
 *
 * <pre>
 *   snapshot ─► position: from ─► walk the tables, while writers go on ─► position: to
 *                             ─► force the journal up to it ─► finish ─► the journal is trimmed
 *   open     ─► entries of the snapshot ─► changes after its from, in order ─► the table
 * </pre>
 *
 * <p>N1: what the walk meets of a key contains every change up to {@code from}, since those were
 * made in the table before the position was read; and perhaps later ones, which the replay makes
 * once more, to the same effect: the last of them decides. N2: no writer waits for a snapshot. N3:
 * no snapshot is taken while a keyspace that has something in the last one, or in the journal after
 * it, is not open.
 */
final class Records {
  private static final Logger log = LoggerFactory.getLogger(Records.class);

  /** A snapshot is due when the journal has grown by as much as the last one, or at least this. */
  private static final long DUE_BYTES_MIN = 64L << 20;

  /** No entry is larger than what could be logged of it, or than a few of those together. */
  private static final int BLOCK_BYTES_MAX = 512 << 20;

  private final Engine engine;
  private final Journal journal;
  private final Snapshots snapshots;
  private final List<Space<?, ?>> spaces = new CopyOnWriteArrayList<>();

  /** The one that was there at the start. */
  private final @Nullable Snapshot found;

  /** Keyspaces that are in it, and not open. */
  private final Set<String> unopened = new HashSet<>();

  private volatile long from;
  private volatile long lastBytes;

  /** How large the journal had grown when the last one began. */
  private volatile long grownThen;

  private volatile boolean running;
  private volatile @Nullable Instant last;
  private volatile @Nullable String failure;

  Records(Engine engine, Journal journal, Disk disk, Replays replays) {
    this.engine = engine;
    this.journal = journal;
    this.snapshots = Snapshots.open(disk, journal.log());
    this.found = snapshots.newest(journal.recovered());
    if (found != null) {
      from = found.from();
      lastBytes = found.bytes();
      found.read(block -> unopened.add(new ByteSource(block).readText()));
      unopened.removeIf(name -> replays.forgottenAt(name) > found.from());
    }
  }

  // ---- keyspaces ----

  /** Keyspaces that have entries in the snapshot, and are not open. */
  synchronized Set<String> unopened() {
    return Set.copyOf(unopened);
  }

  synchronized boolean forget(String keyspace) {
    return unopened.remove(keyspace);
  }

  /** Whether there is anything that a snapshot is for. */
  boolean isEmpty() {
    return spaces.isEmpty() && found == null;
  }

  /** Up to where the last snapshot has every change. */
  long from() {
    return from;
  }

  /** Up to where the journal is not needed for these spaces. */
  long neededFrom() {
    return spaces.isEmpty() && found == null ? Long.MAX_VALUE : from;
  }

  /** Fills a new space, which is not in use yet. {@link #opened} follows, if nothing else fails. */
  synchronized <K, V> void fill(Space<K, V> space, Replays replays) {
    Map<K, Kept<V>> all = new HashMap<>();
    var columns = Replays.columns();
    if (found != null && unopened.contains(space.name())) {
      found.read(
          block -> {
            ByteSource in = new ByteSource(block);
            if (in.readText().equals(space.name())) {
              long until = in.readCount();
              K key = space.keys().read(in.readBlock(), columns);
              all.put(key, new Kept<>(space.values().read(in.readBlock(), columns), until));
            }
          });
    }
    long flushed = replays.flushedTo(space.name());
    for (Replayed<K, V> each : replays.changes(space, from)) {
      if (each.change() instanceof Change.Remove || each.at() > 0) {
        replay(space, all, each);
      } else if (each.sequence() > flushed) {
        throw Replays.other(space.name(), "changes for a store");
      }
    }
    long now = System.currentTimeMillis();
    engine.runLocked(
        () -> {
          all.forEach((key, kept) -> kept.into(space, key, now));
        });
  }

  synchronized void opened(Space<?, ?> space) {
    unopened.remove(space.name());
    spaces.add(space);
    if (space.size() > 0) {
      log.info("keyspace {}: {} entries", space.name(), space.size());
    }
  }

  /**
   * @param until when it expires, in milliseconds since 1970; 0: never
   */
  private record Kept<V>(V value, long until) {

    <K> void into(Space<K, V> space, K key, long now) {
      if (until == 0 || until > now) {
        long time = until == 0 ? Entry.NEVER : (until - now) * 1_000_000;
        space.effects().cache(key, value, space.expiresAt(time), /* sequence= */ 0);
      }
    }
  }

  private static <K, V> void replay(Space<K, V> space, Map<K, Kept<V>> all, Replayed<K, V> each) {
    K key = each.change().key();
    if (!(each.change() instanceof Change.Put<K, V> put)) {
      all.remove(key);
      return;
    }
    Kept<V> before = all.get(key);
    boolean wasThere = before != null && (before.until() == 0 || before.until() > each.at());
    V base = wasThere && before != null ? before.value() : null;
    all.put(key, new Kept<>(space.values().after(base, put.value()), each.until()));
  }

  // ---- snapshots ----

  SnapshotStatus status() {
    return new SnapshotStatus(!isEmpty(), running, last, failure);
  }

  /** Whether the journal has grown so much that a new one pays. */
  boolean isDue() {
    return !spaces.isEmpty()
        && journal.grownBytes() - grownThen > Math.max(DUE_BYTES_MIN, lastBytes);
  }

  /**
   * Takes one. Runs as long as it takes to write all entries.
   *
   * @throws CacheException if it cannot be written: then the one before stays
   */
  synchronized void snapshot() {
    if (!unopened.isEmpty()) {
      throw new ConfigurationException(
          "no snapshot can be taken before these keyspaces are open, which have entries in the"
              + " last one: "
              + unopened);
    }
    running = true;
    try {
      write();
      last = Instant.now();
      failure = null;
    } catch (CacheException e) {
      failure = String.valueOf(e.getMessage());
      throw e;
    } catch (RuntimeException | Error e) {
      failure = e.toString();
      throw e;
    } finally {
      running = false;
    }
  }

  private void write() {
    long grown = journal.grownBytes();
    long begin = engine.locked(journal::lastSequence);
    try (SnapshotWriter writer = snapshots.begin(begin)) {
      ByteSink block = new ByteSink(BLOCK_BYTES_MAX);
      for (Space<?, ?> space : spaces) {
        write(space, block, writer);
      }
      long to = engine.locked(journal::lastSequence);
      journal.sync(); // a snapshot must not have what the journal may lose
      writer.finish(to);
    }
    from = begin;
    grownThen = grown;
    lastBytes = writtenBytes();
  }

  private long writtenBytes() {
    long bytes = 0;
    for (Space<?, ?> space : spaces) {
      bytes += ((HeldEntries<?, ?>) space.table()).bytes();
    }
    return bytes;
  }

  private <K, V> void write(Space<K, V> space, ByteSink block, SnapshotWriter writer) {
    Clocks clocks = Clocks.now(engine.clock());
    Iterator<Map.Entry<K, Entry<V>>> all = space.iterator();
    while (all.hasNext()) {
      Map.Entry<K, Entry<V>> each = all.next();
      V value = each.getValue().value();
      if (value != null) {
        block.clear();
        block.writeText(space.name());
        block.writeCount(clocks.until(each.getValue()));
        int key = block.beginBlock();
        space.keys().write(each.getKey(), block);
        block.endBlock(key);
        int content = block.beginBlock();
        space.values().write(value, block);
        block.endBlock(content);
        writer.add(block.array(), 0, block.length());
      }
    }
  }
}
