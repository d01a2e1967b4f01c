// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.ConfigurationException;
import io.cachewright.JournalException;
import io.cachewright.journal.JournalFormat.Header;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a journal from outside, and cuts it where it is damaged.
 *
 * <p>N1: looking changes nothing and needs no lock. Beside a running server it sees what is being
 * written; so damage is only damage if a second look finds it at the same place. N2: a cut is made
 * only at the first damage, which the caller must name. N3: a cut destroys nothing: what goes is
 * copied or renamed to {@code *.cut} first. N4: power may fail at every step of a cut; then the
 * next start finds the journal damaged or torn at the same place, and it can be cut again.
 */
public final class JournalInspection {
  /** Ends the names of what was cut. */
  public static final String CUT_SUFFIX = ".cut";

  /** Damage that moves each time is a server at work. */
  private static final int LOOKS_MAX = 5;

  /**
   * A segment.
   *
   * @param firstSequence of its first record, or that it will have
   * @param records how many can be read from its beginning
   * @param bytes that its header and these records take
   * @param fileBytes that the file has
   */
  public record Segment(
      String name, long firstSequence, long records, long bytes, long fileBytes, State state) {}

  /** What comes after the records of a segment. */
  public enum State {
    /** The next segment. */
    COMPLETE,
    /** Room for more. */
    ACTIVE,
    /** What a crash has torn: the next start cuts it. No acknowledged write is lost. */
    TORN,
    /** Damage: the journal refuses to start. */
    DAMAGED
  }

  /**
   * Where the first damage is.
   *
   * @param place as {@code SEGMENT:OFFSET}, for {@link #cut}
   * @param lastSequence of the last record before it
   * @param what was expected and what was found
   * @param recordsBehind how many records of later segments can be read, which a cut would take
   */
  public record Damage(String place, long lastSequence, String what, long recordsBehind) {}

  /**
   * A snapshot.
   *
   * @param from every change at or below it is contained
   * @param to the newest change of which any part may be contained; -1 if that cannot be read
   * @param count of blocks; -1 if that cannot be read
   * @param damage what is wrong, where, and what to do; empty if it is whole
   */
  public record SnapshotFile(
      String name, long from, long to, long count, long bytes, String damage) {}

  private final Disk disk;
  private final List<SegmentScan> scans;

  private JournalInspection(Disk disk, List<SegmentScan> scans) {
    this.disk = disk;
    this.scans = scans;
  }

  /**
   * Reads every record and checks it.
   *
   * @throws ConfigurationException if a newer version wrote it
   */
  public static JournalInspection of(Disk disk) {
    try {
      JournalInspection look = new JournalInspection(disk, Recovery.scan(disk));
      for (int again = 0; again < LOOKS_MAX && look.damage() != null; again++) {
        JournalInspection next = new JournalInspection(disk, Recovery.scan(disk));
        if (look.damage().equals(next.damage())) {
          return next;
        }
        look = next;
      }
      return look;
    } catch (IOException e) {
      throw cannot(disk, "be read", e);
    }
  }

  private static JournalException cannot(Disk disk, String what, IOException e) {
    return new JournalException("journal: " + disk.directory() + " cannot " + what + ": " + e, e);
  }

  /** Oldest first. */
  public List<Segment> segments() {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < scans.size(); i++) {
      SegmentScan scan = scans.get(i);
      boolean newest = i + 1 == scans.size();
      State state =
          switch (scan.verdict()) {
            case CORRUPT -> State.DAMAGED;
            case TORN -> State.TORN;
            case RECORD, END -> newest ? State.ACTIVE : State.COMPLETE;
          };
      segments.add(
          new Segment(
              scan.name(),
              scan.first(),
              scan.last() - scan.first() + 1,
              scan.end(),
              scan.size(),
              state));
    }
    return segments;
  }

  /** The first damage; null if the journal would start. */
  public @Nullable Damage damage() {
    int at = damagedAt();
    if (at < 0) {
      return null;
    }
    SegmentScan scan = scans.get(at);
    long behind =
        scans.subList(at + 1, scans.size()).stream()
            .mapToLong(later -> later.last() - later.first() + 1)
            .sum();
    return new Damage(scan.place(), scan.last(), scan.damage(), behind);
  }

  /** Reads every block of every snapshot and checks it. Oldest first; mostly there is one. */
  public List<SnapshotFile> snapshots() {
    try {
      List<SnapshotFile> files = new ArrayList<>();
      for (String name : Snapshots.names(disk)) {
        try {
          files.add(snapshot(name));
        } catch (IOException e) {
          if (Snapshots.names(disk).contains(name)) { // else a server has just deleted it
            throw e;
          }
        }
      }
      return files;
    } catch (IOException e) {
      throw cannot(disk, "be read", e);
    }
  }

  private SnapshotFile snapshot(String name) throws IOException {
    long from = SnapshotFormat.fromByName(name);
    long bytes;
    try (DiskFile file = disk.open(name, /* readOnly= */ true)) {
      bytes = file.size();
    }
    Snapshot snapshot;
    try {
      snapshot = Snapshot.of(disk, name, scans.isEmpty() ? null : scans.get(0).log());
    } catch (JournalException e) {
      return new SnapshotFile(name, from, -1, -1, bytes, String.valueOf(e.getMessage()));
    }
    String damage = "";
    try {
      snapshot.read(block -> {});
    } catch (JournalException e) {
      damage = String.valueOf(e.getMessage());
    }
    return new SnapshotFile(name, from, snapshot.to(), snapshot.count(), bytes, damage);
  }

  private int damagedAt() {
    for (int i = 0; i < scans.size(); i++) {
      if (scans.get(i).verdict() == RecoveryTable.CORRUPT) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Cuts a journal at its first damage, so that it ends with the record before.
   *
   * @param place as {@link Damage#place} has it
   * @return the files in which what was cut is kept
   * @throws ConfigurationException if that is not where the damage is, or the journal is in use
   */
  public static List<String> cut(Disk disk, String place) {
    try (Closeable lock = disk.lock()) {
      Objects.requireNonNull(lock);
      JournalInspection now = of(disk);
      Damage damage = now.damage();
      if (damage == null) {
        throw new ConfigurationException(
            "journal: " + disk.directory() + " is not damaged; nothing was cut");
      } else if (!damage.place().equals(place)) {
        throw new ConfigurationException(
            "journal: "
                + disk.directory()
                + " is damaged at "
                + damage.place()
                + " and not at "
                + place
                + "; nothing was cut");
      }
      return now.cut(now.damagedAt());
    } catch (IOException e) {
      throw cannot(disk, "be cut", e);
    }
  }

  private List<String> cut(int index) throws IOException {
    SegmentScan damaged = scans.get(index);
    copy(damaged.name()); // N3
    List<String> kept = new ArrayList<>(List.of(damaged.name() + CUT_SUFFIX));
    for (int i = scans.size() - 1; i > index; i--) { // the newest first, so that there is no gap
      String name = scans.get(i).name();
      disk.rename(name, name + CUT_SUFFIX);
      disk.syncDirectory(); // N4
      kept.add(name + CUT_SUFFIX);
    }
    if (damaged.atHeader()) {
      makeAgain(damaged);
    } else {
      try (DiskFile file = disk.open(damaged.name(), /* readOnly= */ false)) {
        Allocation.zero(file, damaged.end(), damaged.size(), () -> false);
        file.force();
      }
    }
    return kept;
  }

  private void copy(String name) throws IOException {
    try (DiskFile from = disk.open(name, /* readOnly= */ true);
        DiskFile to = disk.create(name + CUT_SUFFIX)) {
      ByteBuffer piece = ByteBuffer.allocateDirect(1 << 20);
      long size = from.size();
      for (long at = 0; at < size; at += piece.limit()) {
        piece.clear();
        from.readAll(piece, at);
        piece.flip();
        to.writeAll(piece, at);
      }
      to.force();
    }
    disk.syncDirectory();
  }

  /** An empty segment in place of one whose header is lost: sequences go on as they would have. */
  private void makeAgain(SegmentScan damaged) throws IOException {
    UUID log =
        scans.stream()
            .map(SegmentScan::log)
            .filter(Objects::nonNull)
            .findFirst()
            .orElseGet(UUID::randomUUID);
    long bytes = Math.max(damaged.size(), JournalOptions.SEGMENT_BYTES_MIN);
    try (DiskFile file = Allocation.allocate(disk, bytes, () -> false)) {
      Allocation.begin(disk, file, new Header(log, damaged.first()));
    }
  }
}
