// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a snapshot when one is due, on a thread of its own. */
final class Snapshotter {
  private static final Logger log = LoggerFactory.getLogger(Snapshotter.class);
  private static final long LOOK_EVERY_MILLIS = 1_000;

  /** After one that failed. */
  private static final Duration PAUSE = Duration.ofMinutes(1);

  private final Log of;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  Snapshotter(Log of) {
    this.of = of;
    this.thread = new Thread(this::run, "cachewright-snapshot");
    thread.setDaemon(true);
  }

  synchronized void start() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  private void run() {
    try {
      long millis = LOOK_EVERY_MILLIS;
      while (!closing.await(millis, TimeUnit.MILLISECONDS)) {
        millis = of.isSnapshotDue() && !take() ? PAUSE.toMillis() : LOOK_EVERY_MILLIS;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean take() {
    try {
      of.snapshot();
      return true;
    } catch (CacheException e) {
      log.warn("no snapshot was taken: {}", e.getMessage());
      return false;
    } catch (RuntimeException | Error e) { // it may pass: memory that was short
      log.error("no snapshot was taken", e);
      return false;
    }
  }

  /** Waits for one that is being taken. */
  void close() {
    closing.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
