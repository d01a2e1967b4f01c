// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.HandClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DoubtsTest {
  private final HandClock clock = new HandClock();
  private final Doubts<Integer> doubts = new Doubts<>(clock);

  @Test
  void aDoubtEndsAtItsTime() {
    doubts.add(1);
    clock.pass(Duration.ofSeconds(20));
    doubts.add(2);
    clock.pass(Duration.ofSeconds(10));
    assertThat(doubts.has(1)).isFalse();
    assertThat(doubts.has(2)).isTrue();
    clock.pass(Duration.ofSeconds(20));
    assertThat(doubts.has(2)).isFalse();
  }

  @Test
  void withTooManyEveryKeyIsInDoubtForATime() {
    for (int key = 0; key <= Doubts.KEYS_MAX; key++) {
      doubts.add(key);
    }
    assertThat(doubts.has(-1)).isTrue();
    clock.pass(Duration.ofSeconds(30));
    assertThat(doubts.has(-1)).isFalse();
    assertThat(doubts.has(1)).isFalse();
  }

  @Test
  void aKeyThatCameWhileEveryKeyWasInDoubtHasItsOwnTime() {
    for (int key = 0; key <= Doubts.KEYS_MAX; key++) {
      doubts.add(key);
    }
    clock.pass(Duration.ofSeconds(20));
    doubts.add(1);
    clock.pass(Duration.ofSeconds(10));
    assertThat(doubts.has(1)).isTrue();
    assertThat(doubts.has(2)).isFalse();
  }
}
