// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.journal.Durability;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that give a record key another value, and leave it the end that it has. */
@Timeout(60)
class DraftExpiryTest {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  @TempDir Path directory;

  /** Time passes between any two looks at the clock, as it does. */
  private final AtomicLong now = new AtomicLong();

  private final Engine engine = new Engine(() -> now.addAndGet(1_000), new SimpleMeterRegistry());

  @AfterEach
  void close() {
    engine.close();
  }

  private Space<Integer, String> open() {
    engine.openLog(Log.Place.of(directory, Durability.OS), Duration.ZERO);
    return engine.open(
        new SpaceSpec<>(
            "counters",
            Pattern.RECORD,
            KeyspaceOptions.DEFAULT,
            Objects.requireNonNull(Codec.of(Integer.class)),
            ValueType.opaque(),
            /* store= */ null,
            /* reclaims= */ false));
  }

  @Test
  void aKeyThatIsWrittenOverAndOverEndsWhenItWasToEnd() {
    Space<Integer, String> space = open();
    Draft draft = new Draft(Objects.requireNonNull(engine.log()));
    long end = engine.clock().nanos() + MINUTE;
    put(space, draft, end, "0");
    for (int i = 1; i < 1_000; i++) {
      put(space, draft, Objects.requireNonNull(space.peek(1)).expiresAt(), "" + i);
    }
    assertThat(Objects.requireNonNull(space.peek(1)).value()).isEqualTo("999");
    assertThat(Objects.requireNonNull(space.peek(1)).expiresAt()).isEqualTo(end);
    now.set(end);
    assertThat(space.peek(1)).isNull();
  }

  private void put(Space<Integer, String> space, Draft draft, long end, String value) {
    engine.runLocked(
        () -> {
          draft.begin();
          draft.put(space, 1, value, end);
          assertThat(draft.commit()).isTrue();
        });
    Objects.requireNonNull(engine.log()).write();
  }
}
