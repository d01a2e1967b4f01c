// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.CacheException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.journal.Durability;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.SimulatedDisk;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The power fails at any operation of the disk, again and again, while writers, readers and
 * snapshots of a record keyspace are at work. As {@link WriteBehindPowerCutTest}, with nothing
 * behind.
 */
@ExtendWith(PowerCutHistory.Quiet.class)
class RecordPowerCutTest {
  private static final int SEEDS = Integer.getInteger("cachewright.power-cuts", 300);
  private static final int LIVES = 6;

  @Test
  void p1_p3_what_was_acknowledged_or_seen_is_in_snapshot_and_journal() throws Exception {
    PowerCutHistory.everySeed(SEEDS, seed -> new History(seed).live());
  }

  private static final class History {
    private final Random random;

    /** Long ones now and then, so that segments fill and are trimmed. */
    private final NumberedWrites writes =
        new NumberedWrites(index -> "x".repeat(index % 5 == 0 ? 3_000 : 0));

    private SimulatedDisk disk;
    private final SimulatedDisk parked = new SimulatedDisk(new Random(0));

    History(long seed) {
      this.random = new Random(seed);
      this.disk = new SimulatedDisk(new Random(~seed));
    }

    void live() throws Exception {
      for (int life = 0; life < LIVES; life++) {
        disk.cutPowerAfter(random.nextInt(random.nextBoolean() ? 30 : 300));
        run();
        disk = disk.afterPowerCut();
      }
      Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
      try {
        check(open(engine));
      } finally {
        engine.close();
      }
    }

    private void run() throws Exception {
      Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
      try {
        Space<Integer, String> notes = open(engine);
        check(notes);
        work(Objects.requireNonNull(engine.log()), notes);
      } catch (CacheException | CompletionException e) {
        assertTrue(disk.isOff(), () -> "with power on: " + e);
      } finally {
        disk.cutPower();
        engine.close();
      }
    }

    private Space<Integer, String> open(Engine engine) {
      engine.openLog(
          new Log.Place(
              disk, parked, new JournalOptions(Durability.FSYNC, 64 << 10, 8 << 10, 64 << 10)),
          Duration.ZERO);
      return engine.open(
          new SpaceSpec<>(
              "notes",
              Pattern.RECORD,
              KeyspaceOptions.DEFAULT.toBuilder().waitMax(Duration.ofSeconds(20)).build(),
              Objects.requireNonNull(Codec.of(Integer.class)),
              ValueType.opaque(),
              null,
              /* reclaims= */ false));
    }

    private void work(Log log, Space<Integer, String> notes) throws Exception {
      List<Future<?>> all = new ArrayList<>();
      for (int writer = 0; writer < NumberedWrites.WRITERS; writer++) {
        int first = writer;
        long seed = random.nextLong();
        all.add(PowerCutHistory.THREADS.submit(() -> writes.write(notes, first, new Random(seed))));
      }
      long seed = random.nextLong();
      all.add(
          PowerCutHistory.THREADS.submit(
              () -> writes.read(notes, 200, /* evicts= */ false, new Random(seed))));
      all.add(PowerCutHistory.THREADS.submit(() -> PowerCutHistory.snapshots(log, 10)));
      PowerCutHistory.finish(all);
    }

    private void check(Space<Integer, String> notes) {
      for (int key = 0; key < NumberedWrites.KEYS; key++) {
        writes.see(notes, key);
      }
    }
  }
}
