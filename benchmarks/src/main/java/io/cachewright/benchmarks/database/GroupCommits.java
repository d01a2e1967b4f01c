// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Group commit and nothing else: of the threads that append, one writes what all have brought and
 * forces it, in a file whose blocks are there already. As fast as appends can be acknowledged.
 */
final class GroupCommits implements AutoCloseable {
  private static final int FILE_BYTES = 64 << 20;
  private static final int BATCH_BYTES_MAX = 1 << 20;

  private final FileChannel file;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private Batch filling = new Batch(lock);
  private Batch other = new Batch(lock);
  private boolean writing;
  private long batches;
  private long forceNanos;

  /** Who brings its first record writes it; the others wait for that. */
  private static final class Batch {
    final ByteBuffer records = ByteBuffer.allocateDirect(BATCH_BYTES_MAX);
    final Condition forced;
    long times;

    Batch(ReentrantLock lock) {
      forced = lock.newCondition();
    }
  }

  GroupCommits(Path path) throws IOException {
    file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    ByteBuffer zeros = ByteBuffer.allocateDirect(BATCH_BYTES_MAX);
    for (int at = 0; at < FILE_BYTES; at += BATCH_BYTES_MAX) {
      file.write(zeros.clear(), at);
    }
    file.force(true);
    file.position(0);
  }

  /** Returns when it is on disk. */
  void append(byte[] record) throws IOException, InterruptedException {
    lock.lock();
    try {
      Batch mine = filling;
      boolean leads = mine.records.position() == 0;
      long times = mine.times;
      mine.records.put(record);
      if (leads) {
        while (writing) {
          idle.await();
        }
        lead(mine);
      } else {
        while (mine.times == times) {
          mine.forced.await();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void lead(Batch mine) throws IOException {
    filling = other;
    other = mine;
    writing = true;
    lock.unlock();
    try {
      write(mine.records.flip());
      long begin = System.nanoTime();
      file.force(false);
      forceNanos += System.nanoTime() - begin;
      batches++;
    } finally {
      lock.lock();
    }
    writing = false;
    mine.records.clear();
    mine.times++;
    mine.forced.signalAll();
    idle.signal();
  }

  private void write(ByteBuffer records) throws IOException {
    if (file.position() + records.remaining() > FILE_BYTES) {
      file.position(0);
    }
    while (records.hasRemaining()) {
      file.write(records);
    }
  }

  /** How often it was forced. */
  long batches() {
    return batches;
  }

  /** How long one took, on average. */
  long microsPerForce() {
    return forceNanos / batches / 1_000;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
