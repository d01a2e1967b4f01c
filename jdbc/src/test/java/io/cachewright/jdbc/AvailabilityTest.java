// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachewright.StoreAwayException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Availability availability = new Availability(nanos::get);

  private void afterMillis(long millis) {
    nanos.addAndGet(millis * 1_000_000);
  }

  private void down() {
    availability.down(new SQLException("gone"));
  }

  private void isAdmitted() {
    assertThatCode(availability::admit).doesNotThrowAnyException();
  }

  private void isRefused() {
    assertThatThrownBy(availability::admit).isInstanceOf(StoreAwayException.class);
  }

  @Test
  void whileTheDatabaseIsThereAllAreAdmitted() {
    isAdmitted();
    isAdmitted();
  }

  @Test
  void p8_afterAPauseOneProbeIsAdmittedAndAllOthersAreRefused() {
    down();
    isRefused();
    afterMillis(50);
    isAdmitted();
    isRefused();
    availability.up();
    isAdmitted();
    isAdmitted();
  }

  @Test
  void p8_pausesGrowToASecond() {
    down();
    for (long pause : new long[] {50, 100, 200, 400, 800, 1000, 1000}) {
      afterMillis(pause - 1);
      isRefused();
      afterMillis(1);
      isAdmitted();
      down();
    }
  }

  @Test
  void p8_aProbeThatNeverComesBackIsFollowedByAnother() {
    down();
    afterMillis(50);
    isAdmitted();
    afterMillis(29_999);
    isRefused();
    afterMillis(1);
    isAdmitted();
  }

  @Test
  void aProbeThatLearnsNothingLetsTheNextOneTry() {
    availability.notKnown(new SQLException("pool is empty"));
    isAdmitted();
    down();
    afterMillis(50);
    isAdmitted();
    availability.notKnown(new SQLException("pool is empty"));
    afterMillis(100);
    isAdmitted();
  }

  @Test
  void theRefusalTellsSinceWhenHowManyAndWhy() {
    down();
    afterMillis(20);
    isRefused();
    assertThatThrownBy(availability::admit)
        .hasMessage(
            "the database is away since 20 ms (2 calls refused, next try in 30 ms);"
                + " last cause: gone");
  }
}
