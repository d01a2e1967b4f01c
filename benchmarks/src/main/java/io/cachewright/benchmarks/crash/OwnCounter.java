// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.cachewright.app.demo.RespClient;
import io.cachewright.benchmarks.crash.Counters.Parked;
import io.cachewright.benchmarks.crash.CrashModel.Fault;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A writer and the counter that only this writer adds to: so it is known what of it is parked, and
 * what is gone when that is discarded.
 */
final class OwnCounter {
  private static final int ONE_IN_IS_BAD = 100;
  private static final int ONE_IN_MENDS = 60;

  private final Counters counters;
  private final int id;
  private final Random random;

  OwnCounter(Counters counters, int writer, Random random) {
    this.counters = counters;
    this.id = Counters.own(writer);
    this.random = random;
  }

  /** Now and then has the row refused, or decides what becomes of what is parked of it. */
  void perhapsParkOrMend(RespClient client) throws IOException, Fault {
    if (random.nextInt(ONE_IN_IS_BAD) == 0) {
      client.call("HSET", Counters.key(id), "label", "bad");
      counters.refused.incrementAndGet();
    } else if (random.nextInt(ONE_IN_MENDS) == 0) {
      mend(client);
    }
  }

  private void mend(RespClient client) throws IOException, Fault {
    client.call("CW.FLUSH", Counters.TABLE); // so that what waits of the row is parked, too
    Optional<Parked> own =
        Counters.parked(client).stream()
            .filter(each -> each.key().equals(Counters.key(id)))
            .findFirst();
    if (own.isEmpty()) {
      return;
    }
    Parked parked = own.get();
    switch (random.nextInt(4)) {
      case 0 -> discard(client, parked);
      case 1 -> retryInVain(client, parked);
      default -> retry(client, parked, counters);
    }
  }

  private void discard(RespClient client, Parked parked) throws IOException {
    counters.beginDiscard(id, parked.added());
    client.call("CW.DISCARD", parked.id());
    counters.isDiscarded(id, parked.added());
  }

  private static void retryInVain(RespClient client, Parked parked) throws IOException, Fault {
    if (stillParked(client.call("CW.RETRY", parked.id())).isEmpty() && parked.bad()) {
      throw new Fault("the database took " + parked + ", which it must refuse");
    }
  }

  static void retry(RespClient client, Parked parked, Counters counters) throws IOException, Fault {
    List<?> still = stillParked(client.call("CW.RETRY", parked.id(), "label", "good"));
    if (!still.isEmpty()) {
      throw new Fault(parked + " was mended, and is parked still: " + still);
    }
    counters.retried.incrementAndGet();
  }

  private static List<?> stillParked(@Nullable Object reply) {
    return (List<?>) Objects.requireNonNull(reply);
  }
}
