// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import io.cachewright.journal.SnapshotFormat.Header;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots beside a journal: what it need not be replayed from the beginning for.
 *
 * <pre>
 *   sequence       1 ........ from ........ to ........ last
 *   snapshot       [ contained ][ in parts ]
 *   journal                     [ replayed: makes the parts whole ]
 * </pre>
 *
 * <p>A snapshot is written while writers go on, so it is exact only when the journal was replayed
 * over it from {@code from} to at least {@code to}. Once it is there the journal may be trimmed to
 * its {@code from}.
 *
 * <p>N1: there is a snapshot whole or not at all. N2: the newest one stays until a newer one, and
 * its name, are on disk. N3: one that is damaged is never passed over for an older one. N4: what is
 * found is on disk before anyone is shown it.
 *
 * <p>They lie in the journal's directory, which must be locked. For one thread.
 */
public final class Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final Disk disk;
  private final UUID log;
  private boolean writing;

  private Snapshots(Disk disk, UUID log) {
    this.disk = disk;
    this.log = log;
  }

  /** Deletes what a crash has left unfinished. */
  public static Snapshots open(Disk disk, UUID log) {
    try {
      disk.delete(SnapshotFormat.NEW_NAME);
      disk.syncDirectory(); // N4: a crash may have come just after a rename
      return new Snapshots(disk, log);
    } catch (IOException e) {
      throw cannot(disk, "be written to", e);
    }
  }

  /** Names of the files there are, oldest first. */
  static List<String> names(Disk disk) throws IOException {
    return disk.list().stream().filter(SnapshotFormat::isName).sorted().toList();
  }

  /**
   * The newest one; null if there is none.
   *
   * @param journal what was found of it
   * @throws io.cachewright.ConfigurationException if a newer version wrote it
   * @throws JournalException if it is damaged, of another journal, or the journal does not have
   *     what must be replayed over it; nothing was changed (N3)
   */
  public @Nullable Snapshot newest(Recovered journal) {
    try {
      String name = names(disk).stream().max(Comparator.naturalOrder()).orElse(null);
      if (name == null) {
        return null;
      }
      Snapshot newest = Snapshot.of(disk, name, log);
      requireJoined(newest, journal);
      return newest;
    } catch (IOException e) {
      throw cannot(disk, "be read", e);
    }
  }

  private void requireJoined(Snapshot snapshot, Recovered journal) {
    if (journal.firstSequence() > snapshot.from() + 1 || journal.lastSequence() < snapshot.to()) {
      throw new JournalException(
          "journal: "
              + disk.directory()
              + "/"
              + snapshot.name()
              + (snapshot.from() == snapshot.to()
                  ? " reaches to record " + snapshot.to()
                  : " needs records " + (snapshot.from() + 1) + " to " + snapshot.to())
              + ", and the journal has "
              + journal.firstSequence()
              + " to "
              + journal.lastSequence()
              + ". Nothing was changed. Put the missing segments back, from a backup or from files"
              + " that end in "
              + JournalInspection.CUT_SUFFIX
              + "; or move the snapshot away, and what it held is lost");
    }
  }

  /**
   * Begins a snapshot. One at a time; end it, by {@link SnapshotWriter#finish} or {@link
   * SnapshotWriter#close}.
   *
   * @param from every change at or below it will be contained
   * @throws JournalException if it cannot be written
   */
  public SnapshotWriter begin(long from) {
    if (writing || from < 0) {
      throw new IllegalStateException(
          "snapshot " + from + (writing ? " before another ended" : ""));
    }
    try {
      SnapshotWriter writer = new SnapshotWriter(disk, this, new Header(log, from));
      writing = true;
      return writer;
    } catch (IOException e) {
      throw cannot(disk, "be written to", e);
    }
  }

  /** N2. */
  void finished(long from) {
    writing = false;
    try {
      for (String name : names(disk)) {
        if (SnapshotFormat.fromByName(name) < from) {
          disk.delete(name);
        }
      }
    } catch (IOException e) {
      LOG.warn("journal: {} keeps a snapshot that is no longer needed", disk.directory(), e);
    }
  }

  void abandoned() {
    writing = false;
  }

  private static JournalException cannot(Disk disk, String what, IOException e) {
    return new JournalException("journal: " + disk.directory() + " cannot " + what + ": " + e, e);
  }
}
