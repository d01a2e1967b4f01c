// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs the entry tables' upkeep that readers ask for (who was read last, who has expired) a moment
 * later, on another thread.
 *
 * <p>Caffeine asks for upkeep when its buffer of reads is full, and asks no more until that has
 * been done; meanwhile it forgets reads, which costs the choice of victims next to nothing. So the
 * pause bounds what upkeep can take from readers. (Done by the reader at once, it made a hit four
 * times as dear: each read that is noted touches its entry's neighbours in the order of use, in
 * cold memory.)
 *
 * <p>The thread stays for a while after it was last needed and looks for work by itself, because to
 * wake it costs a reader as much as many hits do.
 */
final class Upkeep {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** So many pauses in which nothing was asked for, and the thread goes. */
  private static final int IDLE_PAUSES_MAX = 100;

  private final Executor executor;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean attended = new AtomicBoolean();
  private volatile boolean closed;

  Upkeep(Executor executor) {
    this.executor = executor;
  }

  /**
   * Runs the task soon. It must not throw. If there is no thread for it, it is run here, and none
   * of the others': who asks holds the lock of its table's policy, which its own task takes again;
   * theirs take other policies' locks, whose holders may be about to run ours.
   */
  void soon(Runnable task) {
    tasks.add(task);
    if (!attend() && tasks.remove(task)) {
      task.run();
    }
  }

  /** Whether there is a thread, or there will be. */
  private boolean attend() {
    if (closed) {
      return false;
    }
    if (!attended.get() && attended.compareAndSet(false, true)) {
      try {
        executor.execute(this::loop);
      } catch (RejectedExecutionException | Error e) { // closed; no thread, or no stack, to be had
        attended.set(false);
        return false;
      }
    }
    return true;
  }

  private void loop() {
    try {
      for (int idle = 0; idle < IDLE_PAUSES_MAX && !closed; idle++) {
        LockSupport.parkNanos(this, PAUSE_NANOS);
        if (runAll()) {
          idle = 0;
        }
      }
    } finally { // whatever ends it, the next who asks has another
      attended.set(false);
    }
    if (!tasks.isEmpty() && !attend()) { // asked for while we were still thought to be there
      runAll(); // this thread holds no lock
    }
  }

  private boolean runAll() {
    boolean any = false;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      any = true;
    }
    return any;
  }

  void close() {
    closed = true;
  }
}
