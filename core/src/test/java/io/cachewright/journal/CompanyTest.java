// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static io.cachewright.journal.Records.SMALL;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.JournalException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom the writer waits for, and what ends that. */
@Timeout(60)
final class CompanyTest {
  private static final Company TWO = new Company(2, Long.MAX_VALUE);

  private final Intake intake =
      new Intake(new SimulatedDisk(new Random(1)), SMALL, /* last= */ 0, /* activeLeft= */ 60_000);

  private void append() {
    assertThat(intake.room().tryReserve(10)).isTrue();
    intake.append(new byte[10], 10, 10, Acknowledgement.NONE, /* held= */ false);
  }

  private CompletableFuture<Intake.Taken> take(Company company) {
    return CompletableFuture.supplyAsync(() -> waitAndTake(company));
  }

  private Intake.Taken waitAndTake(Company company) {
    intake.await(company, Long.MAX_VALUE);
    return intake.take();
  }

  @Test
  void y1_whoIsAloneWaitsForNobody() {
    assertThat(Company.after(1, 0, 1_000)).isEqualTo(Company.NONE);
    assertThat(Company.after(0, 5, 1_000)).as("nobody was answered").isEqualTo(Company.NONE);
    append();
    assertThat(waitAndTake(Company.NONE).batch().count()).isEqualTo(1);
  }

  @Test
  void y2_theWaitIsBounded() {
    assertThat(Company.after(3, 4, 1_000)).isEqualTo(new Company(7, 500));
    assertThat(Company.after(1, 1, TimeUnit.SECONDS.toNanos(9)))
        .isEqualTo(new Company(2, TimeUnit.MILLISECONDS.toNanos(1)));
    append();
    assertThat(waitAndTake(new Company(2, 1)).batch().count()).isEqualTo(1);
  }

  @Test
  void thoseWhoComeBackAreOneBatch() {
    CompletableFuture<Intake.Taken> taken = take(TWO);
    append();
    append();
    assertThat(taken.join().batch().count()).isEqualTo(2);
    CompletableFuture<Intake.Taken> next = take(Company.NONE);
    append();
    assertThat(next.join().batch().count()).isEqualTo(1);
  }

  @Test
  void thoseWhoAreThereAlreadyAreNotWaitedFor() {
    append();
    append();
    append();
    assertThat(intake.gathered()).isEqualTo(3);
    assertThat(waitAndTake(TWO).batch().count()).isEqualTo(3);
  }

  @Test
  void aSyncDoesNotWaitForCompany() {
    append();
    CompletableFuture<Intake.Taken> taken = take(TWO);
    intake.requestSync();
    assertThat(taken.join().sync()).isTrue();
  }

  @Test
  void closingDoesNotWaitForCompany() {
    append();
    CompletableFuture<Intake.Taken> taken = take(TWO);
    intake.close(new JournalException("closed"));
    assertThat(taken.join().closing()).isTrue();
    assertThat(taken.join().batch().count()).isEqualTo(1);
  }
}
