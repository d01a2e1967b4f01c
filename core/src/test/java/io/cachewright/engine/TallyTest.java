// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Clients;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final int EACH = 20_000;

  /** More threads than there are cells, so that some find theirs taken. */
  @Test
  void c1_noCountIsLostHoweverManyThreadsCount() throws Exception {
    int threads = 300;
    Tally tally = new Tally();
    CyclicBarrier start = new CyclicBarrier(threads);
    try (Clients clients = new Clients()) {
      List<Future<Boolean>> all =
          clients.start(
              threads,
              () -> {
                start.await();
                for (int i = 0; i < EACH; i++) {
                  tally.increment();
                }
                return true;
              });
      for (Future<Boolean> each : all) {
        assertThat(Clients.end(each)).isTrue();
      }
    }
    assertThat(tally.sum()).isEqualTo((long) threads * EACH);
  }

  /** Their cells stay theirs: what they counted is not lost with them. */
  @Test
  void c1_countsOfThreadsThatHaveEndedStay() throws Exception {
    Tally tally = new Tally();
    List<Thread> ended = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Thread thread = new Thread(tally::increment);
      thread.start();
      ended.add(thread);
    }
    for (Thread each : ended) {
      each.join();
    }
    assertThat(tally.sum()).isEqualTo(1_000);
  }

  @Test
  void c2_theSumHasWhatItsCallerCounted() {
    Tally tally = new Tally();
    for (int i = 1; i <= 1_000; i++) {
      tally.increment();
      assertThat(tally.sum()).isEqualTo(i);
    }
  }
}
