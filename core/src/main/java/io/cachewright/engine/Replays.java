// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.BadValueException;
import io.cachewright.Columns;
import io.cachewright.ConfigurationException;
import io.cachewright.JournalException;
import io.cachewright.journal.Journal;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Change;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the journal had at the start, by keyspace, until that keyspace is opened: only then is it
 * known what its bytes mean, and how far its store has got.
 *
 * <p>The journal is read once. What is kept is bytes as they were, end to end: about as much memory
 * as the changes have on disk.
 */
final class Replays {
  private static final Logger log = LoggerFactory.getLogger(Replays.class);

  private final Map<String, Kept> kept = new HashMap<>();

  /** Up to where keyspaces had been flushed when they were closed in good order. */
  private final Map<String, Long> flushed = new HashMap<>();

  /** When keyspaces were forgotten. */
  private final Map<String, Long> forgotten = new HashMap<>();

  /** The changes of one keyspace: each its sequence and its bytes. */
  private static final class Kept {
    final ByteSink bytes = new ByteSink(Integer.MAX_VALUE - 8);
    long last;
    int changes;
    boolean isRecord;
  }

  /**
   * A change that was logged before the start.
   *
   * @param sequence of its record
   * @param at when it was made, if it was of a record keyspace, in milliseconds since 1970
   * @param until when it expires; 0: never
   */
  record Replayed<K, V>(long sequence, Change<K, V> change, long at, long until) {}

  /** Reads the journal. Nothing must have been appended yet. */
  static Replays read(Journal journal) {
    Replays replays = new Replays();
    long begin = System.nanoTime();
    journal.replay(/* afterSequence= */ 0, replays::add);
    long changes = replays.kept.values().stream().mapToLong(each -> each.changes).sum();
    if (changes > 0) {
      log.info(
          "replayed {} changes of {} keyspaces in {} ms",
          changes,
          replays.kept.size(),
          (System.nanoTime() - begin) / 1_000_000);
    }
    return replays;
  }

  private void add(long sequence, ByteBuffer payload) {
    try {
      ByteSource in = new ByteSource(payload);
      TransactionFormat.Flushed end = TransactionFormat.readFlushed(in);
      if (end != null) {
        end.keyspaces().forEach(name -> flushed.put(name, end.position()));
        return;
      }
      String gone = TransactionFormat.readForgotten(in);
      if (gone != null) {
        kept.remove(gone);
        forgotten.put(gone, sequence);
        return;
      }
      for (TransactionFormat.Logged change : TransactionFormat.read(in)) {
        Kept of = kept.computeIfAbsent(change.keyspace(), absent -> new Kept());
        of.bytes.writeLong(sequence);
        TransactionFormat.copy(change, of.bytes);
        of.last = sequence;
        of.isRecord |= change.at() > 0;
        of.changes++;
      }
    } catch (BadValueException e) {
      throw new JournalException(
          "journal: record "
              + sequence
              + " is whole, but means nothing to this version: "
              + e.getMessage()
              + ". Start the version that wrote it",
          e);
    }
  }

  /**
   * Keyspaces that are not open, and have changes here that perhaps have not been flushed.
   *
   * @param snapshot up to where a snapshot has those of record keyspaces
   */
  Set<String> unflushed(long snapshot) {
    Set<String> names = new HashSet<>();
    kept.forEach(
        (name, of) -> {
          long done = of.isRecord ? snapshot : flushed.getOrDefault(name, 0L);
          if (of.last > done) {
            names.add(name);
          }
        });
    return names;
  }

  /**
   * @throws ConfigurationException if record keyspaces that are not open have changes here that the
   *     snapshot up to there does not have
   */
  void requireNothingLeft(long snapshot) {
    Set<String> names = new TreeSet<>();
    kept.forEach(
        (name, of) -> {
          if (of.isRecord && of.last > snapshot) {
            names.add(name);
          }
        });
    if (!names.isEmpty()) {
      throw new ConfigurationException(
          "no snapshot can be taken before these keyspaces are open, which have entries in the"
              + " journal: "
              + names);
    }
  }

  /** Why a keyspace cannot be opened with the pattern that it has now. */
  static ConfigurationException other(String keyspace, String what) {
    return new ConfigurationException(
        "keyspace "
            + keyspace
            + ": "
            + what
            + " wait in the journal. Give it back the pattern that it had, until they have been"
            + " flushed; or drop them, with forget");
  }

  /** Everything of the keyspace up to this sequence is known to have been flushed. */
  void flushed(String keyspace, long sequence) {
    flushed.merge(keyspace, sequence, Math::max);
  }

  /** Up to where the keyspace is known to have been flushed. */
  long flushedTo(String keyspace) {
    return flushed.getOrDefault(keyspace, 0L);
  }

  /** Everything up to this sequence is known to have been flushed. */
  void flushed(long sequence) {
    kept.keySet().forEach(name -> flushed(name, sequence));
  }

  /**
   * The keyspace's store stands there. If the keyspace was closed further on, the store is older
   * than that, from a backup: then it is not known of any keyspace that it was flushed beyond.
   */
  void stands(String keyspace, long position) {
    if (flushed.getOrDefault(keyspace, 0L) > position) {
      flushed.replaceAll((name, noted) -> Math.min(noted, position));
    }
  }

  /** The keyspace is forgotten with this record. */
  void forgotten(String keyspace, long sequence) {
    forgotten.put(keyspace, sequence);
  }

  /** When the keyspace was forgotten; 0 if it was not. */
  long forgottenAt(String keyspace) {
    return forgotten.getOrDefault(keyspace, 0L);
  }

  boolean has(String keyspace) {
    return kept.containsKey(keyspace);
  }

  /**
   * The keyspace's changes above this sequence, in order. They are kept until {@link #forget}.
   *
   * @throws ConfigurationException if they do not fit what the keyspace is now
   */
  <K, V> List<Replayed<K, V>> changes(Space<K, V> space, long above) {
    Kept of = kept.get(space.name());
    if (of == null) {
      return List.of();
    }
    List<Replayed<K, V>> changes = new ArrayList<>();
    Function<List<String>, Columns> columns = columns();
    ByteSource in = new ByteSource(ByteBuffer.wrap(of.bytes.array(), 0, of.bytes.length()));
    int unfit = 0;
    BadValueException reason = null;
    while (!in.isAtEnd()) {
      long sequence = in.readLong();
      TransactionFormat.Logged logged = TransactionFormat.readCopy(space.name(), in);
      try {
        if (sequence > above) {
          changes.add(
              new Replayed<>(
                  sequence,
                  logged.change(space.keys(), space.values(), columns),
                  logged.at(),
                  logged.until()));
        }
      } catch (BadValueException e) {
        unfit++;
        reason = e;
      }
    }
    if (reason != null) {
      throw unfit(space, unfit, reason);
    }
    return changes;
  }

  private static ConfigurationException unfit(Space<?, ?> space, int count, Exception reason) {
    return new ConfigurationException(
        "keyspace "
            + space.name()
            + ": "
            + count
            + " changes wait in the journal that do not fit its table as it is now: "
            + reason.getMessage()
            + ". Give the table its columns back until they have been flushed; or drop all"
            + " changes of this keyspace that wait, with forget (cachewright serve --forget "
            + space.name()
            + ")",
        reason);
  }

  /** The columns of these names, the same object each time. */
  static Function<List<String>, Columns> columns() {
    Map<List<String>, Columns> known = new HashMap<>();
    return names -> known.computeIfAbsent(names, Columns::of);
  }

  /** Gives their memory back; answers how many there were above this sequence. */
  int forget(String keyspace, long above) {
    @Nullable Kept of = kept.remove(keyspace);
    if (of == null) {
      return 0;
    }
    ByteSource in = new ByteSource(ByteBuffer.wrap(of.bytes.array(), 0, of.bytes.length()));
    int count = 0;
    while (!in.isAtEnd()) {
      count += in.readLong() > above ? 1 : 0;
      TransactionFormat.readCopy(keyspace, in);
    }
    return count;
  }

  /** Gives their memory back. */
  void forget(String keyspace) {
    kept.remove(keyspace);
  }
}
