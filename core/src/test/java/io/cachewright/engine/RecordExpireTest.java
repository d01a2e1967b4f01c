// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.HandClock;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.journal.Durability;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.SimulatedDisk;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A record key whose time is over while another end for it waits for room in the journal. */
@Timeout(60)
class RecordExpireTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final KeyspaceOptions PATIENT =
      KeyspaceOptions.DEFAULT.toBuilder().waitMax(Duration.ofSeconds(50)).build();

  private final HandClock clock = new HandClock();
  private final Engine engine = new Engine(clock, new SimpleMeterRegistry());
  private final SimulatedDisk disk = new SimulatedDisk(new Random(1));

  @AfterEach
  void close() {
    engine.close();
  }

  private Space<Integer, String> open() {
    JournalOptions options = new JournalOptions(Durability.FSYNC, 64 << 10, 32 << 10, 64 << 10);
    engine.openLog(new Log.Place(disk, new SimulatedDisk(new Random(2)), options), Duration.ZERO);
    disk.capacity(200 << 10); // three segments
    return engine.open(
        new SpaceSpec<>(
            "leases",
            Pattern.RECORD,
            PATIENT,
            Objects.requireNonNull(Codec.of(Integer.class)),
            ValueType.opaque(),
            /* store= */ null,
            /* reclaims= */ false));
  }

  private static CompletableFuture<Void> put(
      Space<Integer, String> space, int key, String value, long time) {
    return space.write(new Change.Put<>(key, value), time, /* mayRun= */ false);
  }

  @Test
  void p3_whatIsSeenToHaveExpiredDoesNotComeBackByItself() throws Exception {
    Space<Integer, String> leases = open();
    put(leases, 1, "mine", SECOND).get(30, TimeUnit.SECONDS);
    CompletableFuture<Void> last = put(leases, 2, "z".repeat(20_000), Write.DEFAULT_TIME);
    for (int key = 3; key < 20; key++) { // at most 9 of them fit the disk
      last = put(leases, key, "z".repeat(20_000), Write.DEFAULT_TIME);
    }
    Recorded<Integer, String> recorded = (Recorded<Integer, String>) leases.logged();
    CompletableFuture<Boolean> expire =
        Objects.requireNonNull(recorded).expire(1, TimeUnit.HOURS.toNanos(1));
    assertFalse(expire.isDone());
    clock.pass(Duration.ofSeconds(2));
    assertNull(leases.peek(1));
    disk.capacity(Long.MAX_VALUE);
    Objects.requireNonNull(engine.log()).snapshot();
    last.get(30, TimeUnit.SECONDS);
    assertEquals(false, expire.get(30, TimeUnit.SECONDS));
    assertNull(leases.peek(1));
  }

  @Test
  void whatIsThereIsGivenMoreTime() throws Exception {
    Space<Integer, String> leases = open();
    put(leases, 1, "mine", SECOND).get(30, TimeUnit.SECONDS);
    Recorded<Integer, String> recorded = (Recorded<Integer, String>) leases.logged();
    assertTrue(Objects.requireNonNull(recorded).expire(1, 3 * SECOND).get(30, TimeUnit.SECONDS));
    clock.pass(Duration.ofSeconds(2));
    assertEquals("mine", Objects.requireNonNull(leases.peek(1)).value());
  }
}
