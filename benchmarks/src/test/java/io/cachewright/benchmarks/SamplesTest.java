// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {

  @Test
  void theMedianIsTheMiddleOrBetweenTheTwoMiddleOnes() {
    assertThat(new Samples(9, 1, 2).median()).isEqualTo(2);
    assertThat(new Samples(9, 1, 2, 3).median()).isEqualTo(2.5);
  }

  @Test
  void ratiosAreTakenRoundByRound() {
    Samples ratios = new Samples(10, 30, 20).over(new Samples(10, 10, 5));
    assertThat(ratios.median()).isEqualTo(3);
    assertThat(ratios.min()).isEqualTo(1);
    assertThat(ratios.max()).isEqualTo(4);
  }

  @Test
  void subjectsTakeTurnsAndWhoBeginsAlternates() throws Exception {
    List<String> order = new ArrayList<>();
    List<Samples> samples =
        Rounds.run(
            /* warmUps= */ 1,
            /* rounds= */ 2,
            List.of(() -> measured("A", order), () -> measured("B", order)));
    assertThat(order).containsExactly("B", "A", "A", "B", "B", "A");
    assertThat(samples.get(0).min()).isEqualTo(2); // the warm-up is not counted
  }

  private static double measured(String subject, List<String> order) {
    order.add(subject);
    return order.stream().filter(subject::equals).count();
  }
}
