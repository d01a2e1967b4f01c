// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that begin together and share a piece of work. */
public final class Crew {

  /** What one of the threads does: all ids that leave this rest when divided by their number. */
  @FunctionalInterface
  public interface Share {
    void work(int rest) throws Exception;
  }

  private Crew() {}

  /**
   * @param operations how many all of them do together
   * @return operations per second, from the common start to the end of the last
   */
  public static double perSecond(int threads, long operations, Share share) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CyclicBarrier start = new CyclicBarrier(threads + 1);
      List<Future<?>> shares = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int rest = i;
        shares.add(
            pool.submit(
                () -> {
                  start.await();
                  share.work(rest);
                  return null;
                }));
      }
      start.await();
      long begin = System.nanoTime();
      for (Future<?> each : shares) {
        each.get();
      }
      return operations * 1e9 / (System.nanoTime() - begin);
    } finally {
      pool.shutdownNow();
    }
  }
}
