// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.CacheException;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MemoryDatabase;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.engine.Generation.Due;
import io.cachewright.journal.FileDisk;
import io.cachewright.store.Change;
import io.cachewright.store.Codec;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FlusherTest {
  private static final String LOG = "log";

  private final Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
  private final MemoryDatabase database = new MemoryDatabase();
  private final MemoryDatabase.Table<String> table = database.table();
  private final Space<Integer, String> notes =
      engine.open(
          new SpaceSpec<>(
              "notes",
              Pattern.READ_THROUGH,
              KeyspaceOptions.DEFAULT.toBuilder()
                  .writeBehind(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofMillis(1)))
                  .build(),
              Codec.plain(),
              ValueType.opaque(),
              table,
              /* reclaims= */ false));
  private final WriteBehind behind;
  private final Journal journal = new Journal();
  private final Flusher flusher;
  private final Thread thread;
  private final AtomicBoolean memoryIsShort = new AtomicBoolean();
  private long sequence;

  /** What the flusher asks of its surroundings, noted. */
  private final class Journal implements Flusher.Surroundings {
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void force(long forced) {
      calls.add("force " + forced + " before commit " + database.commitSizes.size());
    }

    @Override
    public List<CompletableFuture<Void>> flushed(Generation generation) {
      calls.add("flushed " + generation.to());
      return engine.locked(() -> behind.flushed(generation, List.of()));
    }

    @Override
    public boolean holdsJournal() {
      return false;
    }

    @Override
    public List<Due<?, ?>> unparked(List<Due<?, ?>> changes, long to) {
      if (memoryIsShort.getAndSet(false)) {
        throw new OutOfMemoryError("as if");
      }
      return changes;
    }

    @Override
    public void park(List<Due<?, ?>> changes, List<FlushTarget.Refused> refused) {
      refused.forEach(each -> calls.add("park " + changes.get(each.place()).change().key()));
    }
  }

  FlusherTest(@TempDir Path directory) {
    behind = new WriteBehind(engine, Parking.open(engine, new FileDisk(directory)), 0);
    Flusher.Claimed claimed = new Flusher.Claimed(LOG, database.claim(LOG).epoch());
    flusher = new Flusher(engine, behind, database, claimed, journal);
    thread = new Thread(flusher, "flusher");
  }

  @BeforeEach
  void start() {
    thread.start();
  }

  @AfterEach
  void close() throws InterruptedException {
    flusher.close();
    thread.join();
    engine.close();
  }

  private void put(int key, String value) {
    Change<Integer, String> change = new Change.Put<>(key, value);
    notes.room().force(Generation.bytesOf(change, notes.values()));
    engine.lock();
    try {
      sequence++;
      behind.add(sequence, notes, change);
      behind.recordEnds(sequence);
    } finally {
      engine.unlock();
    }
  }

  private CompletableFuture<Void> flush() {
    return engine.locked(behind::flush);
  }

  private void awaitFlushed() throws Exception {
    flush().get(30, TimeUnit.SECONDS);
  }

  @Test
  void what_waits_is_flushed_by_itself_after_its_delay() throws Exception {
    database.commits.close();
    put(1, "a");
    database.commits.awaitHeld(1); // nobody has asked for a flush
    database.commits.open();
    awaitFlushed();
    assertEquals("a", table.select(1));
  }

  @Test
  void f1_the_journal_is_forced_before_the_store_is_written() throws Exception {
    put(1, "a");
    awaitFlushed();
    assertEquals(List.of("force 1 before commit 0", "flushed 1"), List.copyOf(journal.calls));
  }

  @Test
  void p6_a_passing_failure_is_tried_again_until_it_passes() throws Exception {
    database.away = true;
    put(1, "a");
    CompletableFuture<Void> flushed = flush();
    awaitRetries(2);
    assertFalse(flushed.isDone());
    assertNotNull(flusher.state().failing());
    database.away = false;
    flushed.get(30, TimeUnit.SECONDS);
    assertEquals("a", table.select(1));
    awaitFlushed();
    assertNull(flusher.state().failing());
  }

  @Test
  void p6_memory_that_is_short_before_a_flush_is_a_passing_failure() throws Exception {
    memoryIsShort.set(true);
    put(1, "a");
    awaitFlushed();
    assertEquals("a", table.select(1));
  }

  private void awaitRetries(long number) {
    while (flusher.state().retries() < number) {
      assertFalse(flusher.state().stopped(), "the flusher has stopped");
      Thread.onSpinWait();
    }
  }

  @Test
  void p1_a_flush_of_unknown_outcome_that_was_made_is_not_made_again() throws Exception {
    database.nextUnknown = true;
    put(1, "a");
    awaitFlushed();
    assertEquals(List.of(1), database.commitSizes);
    assertEquals(new Claim(1, 1), database.read(LOG));
  }

  @Test
  void p1_a_flush_of_unknown_outcome_that_was_not_made_is_made_again() throws Exception {
    database.nextUnknown = false;
    put(1, "a");
    awaitFlushed();
    assertEquals(List.of(1, 1), database.commitSizes);
    assertEquals("a", table.select(1));
  }

  @Test
  void p6_the_guilty_change_is_parked_and_the_others_go_on() throws Exception {
    database.refuses = "bad"::equals;
    database.commits.close();
    put(1, "a");
    database.commits.awaitHeld(1);
    put(2, "bad");
    put(3, "c");
    CompletableFuture<Void> flushed = flush();
    database.commits.open();
    flushed.get(30, TimeUnit.SECONDS);
    assertTrue(journal.calls.contains("park 2"), journal.calls.toString());
    assertNull(table.select(2));
    assertEquals("c", table.select(3));
    assertEquals(3, database.read(LOG).position());
  }

  @Test
  void p2_a_flusher_whose_log_another_has_claimed_stops_and_says_so() throws Exception {
    database.commits.close();
    put(1, "a");
    database.commits.awaitHeld(1);
    assertEquals(2, database.claim(LOG).epoch());
    CompletableFuture<Void> flushed = flush();
    database.commits.open();
    thread.join();
    assertTrue(flushed.isCompletedExceptionally());
    assertNull(table.select(1));
    assertStopped("another process has taken the log over: the epoch is 2, ours is 1");
  }

  @Test
  void p2_a_position_changed_by_hand_stops_the_flusher() throws Exception {
    database.commits.close();
    put(1, "a");
    database.commits.awaitHeld(1);
    database.set(LOG, new Claim(1, 77));
    database.commits.open();
    thread.join();
    assertStopped("changed by hand or by a restored backup: it is 77, and should be 0");
  }

  private void assertStopped(String reason) {
    CacheException failing = flusher.state().failing();
    assertTrue(flusher.state().stopped());
    assertNotNull(failing);
    assertTrue(String.valueOf(failing.getMessage()).contains(reason), failing.getMessage());
  }
}
