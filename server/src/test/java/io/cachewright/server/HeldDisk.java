// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.journal.Disk;
import io.cachewright.journal.DiskFile;
import io.cachewright.journal.FileDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A disk whose fsyncs wait when they are told to, and then succeed or fail. */
final class HeldDisk implements Disk {
  private final FileDisk disk;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean holds;
  private boolean fails;
  private int held;

  HeldDisk(Path directory) {
    disk = new FileDisk(directory);
  }

  /** From now on an fsync waits. */
  void hold() {
    set(true, false);
  }

  /** Fsyncs go on, and succeed. */
  void release() {
    set(false, false);
  }

  /** Fsyncs go on, and fail. */
  void fail() {
    set(false, true);
  }

  private void set(boolean waits, boolean errs) {
    lock.lock();
    try {
      holds = waits;
      fails = errs;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when an fsync is waiting. */
  void awaitHeld() {
    lock.lock();
    try {
      while (held == 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void pass() throws IOException {
    lock.lock();
    try {
      held++;
      changed.signalAll();
      while (holds) {
        changed.awaitUninterruptibly();
      }
      held--;
      if (fails) {
        throw new IOException("the disk is broken");
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String directory() {
    return disk.directory();
  }

  @Override
  public List<String> list() throws IOException {
    return disk.list();
  }

  @Override
  public DiskFile open(String name, boolean readOnly) throws IOException {
    return new HeldFile(disk.open(name, readOnly));
  }

  @Override
  public DiskFile create(String name) throws IOException {
    return new HeldFile(disk.create(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    disk.syncDirectory();
  }

  @Override
  public long freeBytes() throws IOException {
    return disk.freeBytes();
  }

  @Override
  public Closeable lock() throws IOException {
    return disk.lock();
  }

  private final class HeldFile implements DiskFile {
    private final DiskFile file;

    HeldFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
      return file.read(into, at);
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
      return file.write(from, at);
    }

    @Override
    public void force() throws IOException {
      pass();
      file.force();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
