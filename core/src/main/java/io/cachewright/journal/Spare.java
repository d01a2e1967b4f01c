// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the next segment allocated before it is needed, on a thread of its own. So a full disk is
 * noticed here, and stops appends before they begin rather than in the middle.
 *
 * <p>P1: at most one spare, and none is made before the last one is a segment, as they share a
 * name. P2: what cannot be made is tried again after a growing pause, and at once after a trim.
 */
final class Spare implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Spare.class);
  private static final long PAUSE_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long PAUSE_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

  private final Disk disk;
  private final long segmentBytes;
  private final Room room;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable DiskFile ready;
  private boolean tryNow;
  private volatile boolean stopped;

  Spare(Disk disk, long segmentBytes, Room room) {
    this.disk = disk;
    this.segmentBytes = segmentBytes;
    this.room = room;
  }

  @Override
  public void run() {
    long pause = 0;
    while (awaitNeed(pause)) {
      try {
        DiskFile file = Allocation.allocate(disk, segmentBytes, () -> stopped);
        lock.lock();
        try {
          ready = file;
        } finally {
          lock.unlock();
        }
        if (pause > 0) {
          LOG.info("journal: {} has room again", disk.directory());
        }
        pause = 0;
        room.spareReady();
      } catch (IOException | RuntimeException | Error e) { // memory may be short for a while
        if (!stopped) {
          String why = why(e);
          if (pause == 0) {
            LOG.warn("journal: {}; writes go on until the active one is full", why);
          }
          room.noSpare(why);
          pause = Math.min(Math.max(2 * pause, PAUSE_NANOS_MIN), PAUSE_NANOS_MAX); // P2
        }
      }
    }
  }

  /** Waits until there is no spare, and then for the pause; false once stopped. */
  private boolean awaitNeed(long pause) {
    lock.lock();
    try {
      while (!stopped && ready != null) {
        changed.awaitUninterruptibly(); // P1
      }
      long left = pause;
      while (!stopped && !tryNow && left > 0) {
        left = changed.awaitNanos(left);
      }
      tryNow = false;
      return !stopped;
    } catch (InterruptedException e) {
      return !stopped; // nobody has a reason to; stop() ends this thread
    } finally {
      lock.unlock();
    }
  }

  private String why(Throwable cause) {
    String free;
    try {
      free = disk.freeBytes() + " bytes free";
    } catch (IOException e) {
      free = "free bytes unknown";
    }
    return "there is no room for another segment of "
        + segmentBytes
        + " bytes in "
        + disk.directory()
        + " ("
        + free
        + "; "
        + cause.getMessage()
        + ")";
  }

  /** The spare, which {@link Room} has said is ready. It stays one until {@link #taken}. */
  DiskFile take() throws IOException {
    lock.lock();
    try {
      if (ready == null) {
        throw new IOException("there is no spare");
      }
      return ready;
    } finally {
      lock.unlock();
    }
  }

  /** It is a segment now. */
  void taken() {
    lock.lock();
    try {
      ready = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Something was deleted. */
  void tryNow() {
    lock.lock();
    try {
      tryNow = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isReady() {
    lock.lock();
    try {
      return ready != null;
    } finally {
      lock.unlock();
    }
  }

  void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** After its thread has ended. */
  void closeFile() throws IOException {
    if (ready != null) {
      ready.close();
    }
  }
}
