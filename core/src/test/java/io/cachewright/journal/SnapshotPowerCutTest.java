// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.cachewright.JournalException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The power fails at any operation of the disk while snapshots are written, found and deleted. */
final class SnapshotPowerCutTest {
  private static final int SEEDS = Integer.getInteger("cachewright.power-cuts", 1_000) / 4;
  private static final int LIVES = 6;
  private static final UUID LOG = new UUID(1, 2);
  private static final Recovered ALL = new Recovered(1, 1, 1_000, 0, "");

  private static final Logger LOGGER =
      (Logger) LoggerFactory.getLogger(SnapshotPowerCutTest.class.getPackageName());

  @BeforeAll
  static void quiet() {
    LOGGER.setLevel(Level.OFF); // it tells of each power cut
  }

  @AfterAll
  static void loud() {
    LOGGER.setLevel(null);
  }

  @Test
  void p1_aSnapshotIsThereWholeOrNotAtAllAndTheOlderOneUntilThen() {
    long from = Long.getLong("cachewright.seed", 1);
    for (long seed = from; seed < from + SEEDS; seed++) {
      try {
        new History(seed).live();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  /** One directory, and the snapshots that were made in it. */
  private static final class History {
    private final Random random;
    private SimulatedDisk disk;

    /** The newest that must be there; the journal may have been trimmed to it. */
    private long safe = -1;

    /** The newest of which writing has begun. */
    private long begun = -1;

    History(long seed) {
      this.random = new Random(seed);
      this.disk = new SimulatedDisk(new Random(~seed));
    }

    void live() {
      for (int life = 0; life < LIVES; life++) {
        disk.cutPowerAfter(random.nextInt(random.nextBoolean() ? 8 : 60));
        try {
          Snapshots snapshots = Snapshots.open(disk, LOG);
          check(snapshots);
          while (!disk.isOff()) {
            write(snapshots);
          }
        } catch (JournalException e) {
          assertThat(disk.isOff()).as(e.getMessage()).isTrue();
        }
        disk = disk.afterPowerCut();
      }
      check(Snapshots.open(disk, LOG));
    }

    private void check(Snapshots snapshots) {
      Snapshot newest = snapshots.newest(ALL);
      long from = newest == null ? -1 : newest.from();
      assertThat(from).isBetween(safe, begun);
      if (newest != null) {
        read(newest);
      }
      safe = from; // it was shown to someone: the next power cut must not take it back
      begun = from;
    }

    private void write(Snapshots snapshots) {
      begun++;
      try (SnapshotWriter writer = snapshots.begin(begun)) {
        Random content = new Random(begun);
        for (int i = content.nextInt(6); i > 0; i--) {
          byte[] block = new byte[size(content)];
          writer.add(block, 0, block.length);
        }
        if (random.nextInt(5) == 0) {
          return; // abandoned
        }
        writer.finish(begun + 1);
        safe = begun;
      }
    }

    /** Mostly small; now and then two do not fit a page. */
    private static int size(Random content) {
      return content.nextInt(16) == 0 ? 600_000 : content.nextInt(2_000);
    }

    /** It has what was written under its number. */
    private static void read(Snapshot snapshot) {
      Random content = new Random(snapshot.from());
      int count = content.nextInt(6);
      assertThat(snapshot.to()).isEqualTo(snapshot.from() + 1);
      assertThat(snapshot.count()).isEqualTo(count);
      int[] read = {0};
      snapshot.read(
          block -> {
            read[0]++;
            assertThat(block).isEqualTo(ByteBuffer.allocate(size(content)));
          });
      assertThat(read[0]).isEqualTo(count);
    }
  }
}
