// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

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
}
