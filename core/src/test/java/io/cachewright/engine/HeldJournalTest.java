// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.KeyspaceOptions;
import io.cachewright.MemoryDatabase;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.journal.Durability;
import io.cachewright.journal.FileDisk;
import io.cachewright.journal.JournalOptions;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.Store;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What makes the journal small again when nobody asks for a flush or a snapshot. */
@Timeout(60)
class HeldJournalTest {
  /** Of the journal: those from which on what waits is flushed. */
  private static final int SEGMENTS_MAX = 16;

  private static final String VALUE = "x".repeat(8 << 10);

  @TempDir Path directory;
  private final Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());

  @AfterEach
  void close() {
    engine.close();
  }

  private Log open(JournalOptions options) {
    engine.openLog(
        new Log.Place(
            new FileDisk(directory.resolve("journal")),
            new FileDisk(directory.resolve("parked")),
            options.withDurability(Durability.OS)),
        Duration.ZERO);
    return Objects.requireNonNull(engine.log());
  }

  private Space<Integer, String> space(
      String name, Pattern pattern, @Nullable Store<Integer, String> store) {
    KeyspaceOptions never =
        KeyspaceOptions.DEFAULT.toBuilder()
            .writeBehind(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(24)))
            .build();
    return engine.open(
        new SpaceSpec<>(
            name,
            pattern,
            never,
            Objects.requireNonNull(Codec.of(Integer.class)),
            ValueType.opaque(),
            store,
            /* reclaims= */ false));
  }

  private static void put(Space<Integer, String> space, int key) {
    space.commit(new Change.Put<>(key, VALUE), Write.DEFAULT_TIME, /* mayRun= */ true).join();
  }

  @Test
  void p7_manyHeldSegmentsAreFlushedHoweverLateTheFlushIs() {
    Log log = open(new JournalOptions(Durability.OS, 64 << 10, 32 << 10, 1 << 20));
    MemoryDatabase database = new MemoryDatabase();
    MemoryDatabase.Table<String> table = database.table();
    Space<Integer, String> notes = space("notes", Pattern.WRITE_BEHIND, table);
    int keys = 0;
    while (log.journalStats().segments() < SEGMENTS_MAX) {
      assertEquals(0, Objects.requireNonNull(notes.writeBehind()).flushes());
      put(notes, keys++);
    }
    for (int more = 0; more < 20; more++) {
      put(notes, keys++);
    }
    while (log.journalStats().segments() >= SEGMENTS_MAX) {
      assertFalse(Thread.interrupted(), "still held"); // the flusher looks every few seconds
    }
    assertEquals(VALUE, table.select(0));
  }

  @Test
  void aSnapshotIsTakenWhenTheJournalHasGrownAndNotBefore() {
    Log log = open(JournalOptions.DEFAULTS);
    Space<Integer, String> carts = space("carts", Pattern.RECORD, null);
    Instant last = null;
    for (int snapshot = 0; snapshot < 3; snapshot++) {
      assertFalse(log.isSnapshotDue());
      long grown = 0;
      for (int key = 0; isIdle(log, last); key++) {
        put(carts, key % 1_000);
        grown += VALUE.length();
      }
      // After the first one, what was put while the one before was written counts, too.
      assertTrue(snapshot > 0 || grown > 63 << 20, "taken after " + grown);
      assertTrue(grown < 66 << 20, "taken after " + grown);
      while (Objects.equals(log.snapshotStatus().last(), last) || log.snapshotStatus().running()) {
        assertFalse(Thread.interrupted(), "not taken");
      }
      last = log.snapshotStatus().last();
    }
    assertEquals(1_000, carts.size());
  }

  private static boolean isIdle(Log log, @Nullable Instant last) {
    SnapshotStatus status = log.snapshotStatus();
    return !log.isSnapshotDue() && !status.running() && Objects.equals(status.last(), last);
  }
}
