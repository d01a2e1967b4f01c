// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MirrorPaceTest {
  private final MirrorPace pace =
      new MirrorPace("test", () -> 0, Duration.ofHours(1), () -> false); // never started

  @Test
  void whatIsAskedForIsDueUntilItIsReached() {
    assertFalse(pace.isDue());
    CompletableFuture<Void> reached = pace.whenReached(5);
    assertTrue(pace.isDue());
    pace.taken();
    pace.flushed(4, /* rows= */ 1, /* nanos= */ 1);
    assertTrue(pace.isDue());
    assertFalse(reached.isDone());
    pace.flushed(5, /* rows= */ 1, /* nanos= */ 1);
    assertTrue(reached.isDone());
    assertFalse(pace.isDue());
  }

  /** Or the next change would be flushed as soon as it is made, whatever the schedule. */
  @Test
  void whatIsAskedForWhileACopyRunsIsReachedWithIt() {
    pace.taken();
    CompletableFuture<Void> reached = pace.whenReached(5);
    pace.flushed(5, /* rows= */ 1, /* nanos= */ 1);
    assertTrue(reached.isDone());
    assertFalse(pace.isDue());
  }

  @Test
  void whoeverGivesUpAsksForNothing() {
    pace.whenReached(5).cancel(false);
    assertFalse(pace.isDue());
  }

  /** And the end does not wait for ever for what the mirror does just now. */
  @Test
  void p8_whoWaitsWhenItIsClosedIsTold() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ends = new CountDownLatch(1);
    MirrorPace hangs =
        new MirrorPace(
            "test",
            () -> 0,
            Duration.ofHours(1),
            () -> {
              begun.countDown();
              ends.await();
              return false;
            });
    CompletableFuture<Void> before = hangs.whenReached(5);
    hangs.start();
    begun.await();
    hangs.close();
    hangs.awaitEnd(System.nanoTime() + 1);
    for (CompletableFuture<Void> waiter : List.of(before, hangs.whenReached(6))) {
      assertEquals(
          "the cache is closed. What the table of mirror test does not have is in the journal,"
              + " and comes to it after the next start",
          assertThrows(CompletionException.class, waiter::join).getCause().getMessage());
    }
    ends.countDown();
  }

  /** What hung may come to its end after that. */
  @Test
  void p8_whoAsksAfterTheEndIsToldEvenIfAFlushCameLate() {
    CompletableFuture<Void> before = pace.whenReached(5);
    pace.close();
    pace.awaitEnd(System.nanoTime());
    assertTrue(before.isCompletedExceptionally());
    pace.flushed(5, /* rows= */ 1, /* nanos= */ 1);
    assertTrue(pace.whenReached(6).isCompletedExceptionally());
  }

  @Test
  void p7_whatEndsWithAnErrorIsTriedAgain() {
    AtomicInteger times = new AtomicInteger();
    AtomicReference<MirrorPace> self = new AtomicReference<>();
    MirrorPace fails =
        new MirrorPace(
            "test",
            () -> 0,
            Duration.ofHours(1),
            () -> {
              if (times.getAndIncrement() == 0) {
                throw new OutOfMemoryError("as if");
              }
              self.get().flushed(5, /* rows= */ 1, /* nanos= */ 1);
              return false;
            });
    self.set(fails);
    CompletableFuture<Void> reached = fails.whenReached(5);
    fails.start();
    reached.join();
    assertNull(fails.state().failing());
    fails.close();
    fails.awaitEnd(System.nanoTime() + 1);
  }
}
