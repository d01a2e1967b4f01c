// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TurnTest {

  @Test
  void aTimeIsBelowTheBoundOfItsClassAndLittleBelowIt() {
    for (long nanos = 0; nanos < 5_000; nanos++) {
      long bound = Turn.boundOf(Turn.classOf(nanos));
      assertThat(bound).as("%d ns", nanos).isGreaterThan(nanos);
      if (nanos >= 16) {
        assertThat(bound).as("%d ns", nanos).isLessThanOrEqualTo(nanos + nanos / 16 + 1);
      }
    }
    long hour = 3_600_000_000_000L;
    assertThat(Turn.boundOf(Turn.classOf(hour))).isBetween(hour + 1, hour + hour / 16);
  }

  @Test
  void itPutsUntilItIsOverAndTheLongestIsNotBelowTheOthers() {
    AtomicInteger puts = new AtomicInteger();
    Turn turn = Turn.until(() -> puts.get() == 2_000, puts::incrementAndGet);
    assertThat(puts).hasValue(2_000);
    assertThat(turn.perSecond()).isPositive();
    assertThat(turn.within()).isPositive().isLessThanOrEqualTo(turn.longest() * 17 / 16 + 1);
  }
}
