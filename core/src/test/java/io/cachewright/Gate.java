// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A place where threads of a test can be held, so that "while it runs" needs no luck. Open at
 * first.
 */
public final class Gate {
  private static final long SECONDS_MAX = 30;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean open = true;
  private int held;

  public void close() {
    set(false);
  }

  public void open() {
    set(true);
  }

  private void set(boolean next) {
    lock.lock();
    try {
      open = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Called by what is held. */
  public void pass() {
    lock.lock();
    try {
      held++;
      changed.signalAll();
      while (!open) {
        changed.awaitUninterruptibly();
      }
      held--;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many are held. */
  public void awaitHeld(int number) throws Exception {
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(SECONDS_MAX);
      while (held < number) {
        left = changed.awaitNanos(left);
        if (left <= 0) {
          throw new TimeoutException(held + " are held, " + number + " should be");
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
