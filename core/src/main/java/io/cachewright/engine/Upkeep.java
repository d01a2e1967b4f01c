// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs the entry tables' upkeep that readers ask for (who was read last, who has expired) a moment
 * later, on a thread of its own.
 *
 * <p>Caffeine asks for upkeep when its buffer of reads is full, and asks no more until that has
 * been done; meanwhile it forgets reads, which costs the choice of victims next to nothing. So the
 * pause bounds what upkeep can take from readers. (Done by the reader at once, it made a hit four
 * times as dear: each read that is noted touches its entry's neighbours in the order of use, in
 * cold memory.)
 */
final class Upkeep {
  private static final long PAUSE_MILLIS = 1;
  private static final long IDLE_SECONDS = 10;

  private final ScheduledThreadPoolExecutor thread;

  Upkeep() {
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread daemon = new Thread(work, "cachewright-upkeep");
              daemon.setDaemon(true);
              return daemon;
            });
    thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    thread.allowCoreThreadTimeOut(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // there is nothing to wait for
  void soon(Runnable task) {
    try {
      thread.schedule(task, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) { // the engine is closed
      task.run();
    }
  }

  void close() {
    thread.shutdown();
  }
}
