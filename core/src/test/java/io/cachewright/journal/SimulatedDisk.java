// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.ConfigurationException;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A disk in memory that knows what a power cut may take.
 *
 * <p>Of each file it keeps what was forced and the writes since. A power cut keeps any of the
 * sectors written since, whole or in part, in any order; and any of the creations, renames and
 * deletions since the directory was synced.
 */
public final class SimulatedDisk implements Disk {
  private static final int SECTOR = 512;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Write(long at, byte[] bytes) {}

  private static final class Inode {
    private byte[] forced = new byte[0];
    private byte[] current = new byte[0];
    private final List<Write> unforced = new ArrayList<>();
  }

  private final AtomicBoolean locked = new AtomicBoolean();
  private final Random random;
  private final Map<String, Inode> names = new TreeMap<>();
  private final Map<String, Inode> syncedNames = new TreeMap<>();
  private final List<Consumer<Map<String, Inode>>> unsyncedChanges = new ArrayList<>();
  private long operationsLeft = Long.MAX_VALUE;
  private boolean off;
  private long capacity = Long.MAX_VALUE;
  private int writesUntilFailure = -1;
  private int forcesUntilFailure = -1;
  private boolean shortWrites;
  private volatile Runnable beforeForce = () -> {};

  public SimulatedDisk(Random random) {
    this.random = random;
  }

  // ---- faults ----

  public synchronized void cutPowerAfter(long operations) {
    operationsLeft = operations;
  }

  public synchronized void cutPower() {
    off = true;
  }

  public synchronized boolean isOff() {
    return off;
  }

  public synchronized void capacity(long bytes) {
    capacity = bytes;
  }

  /** Runs before each fsync, on its thread. */
  public void beforeForce(Runnable work) {
    beforeForce = work;
  }

  /** 1 is the next. */
  public synchronized void failWrite(int which) {
    writesUntilFailure = which;
  }

  /** 1 is the next. */
  public synchronized void failForce(int which) {
    forcesUntilFailure = which;
  }

  synchronized void writeShort() {
    shortWrites = true;
  }

  /** The process that had it open was killed: the page cache is still there. */
  void unlock() {
    locked.set(false);
  }

  /** What is there when the power is back. */
  public synchronized SimulatedDisk afterPowerCut() {
    off = true;
    SimulatedDisk next = new SimulatedDisk(random);
    Map<Inode, Inode> survivors = new HashMap<>();
    Map<String, Inode> survived = new TreeMap<>(syncedNames);
    double kept = keptShare();
    for (Consumer<Map<String, Inode>> change : unsyncedChanges) {
      if (random.nextDouble() < kept) {
        change.accept(survived);
      }
    }
    survived.forEach(
        (name, inode) -> {
          Inode copy = survivors.computeIfAbsent(inode, this::survivor);
          next.names.put(name, copy);
          next.syncedNames.put(name, copy);
        });
    return next;
  }

  private double keptShare() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> 0.5;
      default -> random.nextDouble();
    };
  }

  private Inode survivor(Inode inode) {
    byte[] content = inode.forced.clone();
    double kept = keptShare();
    for (Write write : inode.unforced) {
      for (int from = 0; from < write.bytes().length; ) {
        long at = write.at() + from;
        int length = (int) Math.min(SECTOR - at % SECTOR, write.bytes().length - from);
        if (random.nextDouble() < kept) {
          int whole = random.nextInt(8) == 0 ? random.nextInt(length + 1) : length;
          content = put(content, at, Arrays.copyOfRange(write.bytes(), from, from + whole));
        }
        from += length;
      }
    }
    Inode copy = new Inode();
    copy.forced = content;
    copy.current = content.clone();
    return copy;
  }

  private static byte[] put(byte[] content, long at, byte[] bytes) {
    int end = (int) at + bytes.length;
    byte[] result = end > content.length ? Arrays.copyOf(content, end) : content;
    System.arraycopy(bytes, 0, result, (int) at, bytes.length);
    return result;
  }

  // ---- a look from outside ----

  /** The bytes of a file; changes to them are changes to the file. */
  synchronized byte[] content(String name) {
    return names.get(name).current;
  }

  synchronized void content(String name, byte[] bytes) {
    Inode inode = new Inode();
    inode.forced = bytes.clone();
    inode.current = bytes.clone();
    names.put(name, inode);
    syncedNames.put(name, inode);
  }

  synchronized void remove(String name) {
    names.remove(name);
    syncedNames.remove(name);
  }

  synchronized List<String> segments() {
    return names.keySet().stream().filter(JournalFormat::isSegmentName).toList();
  }

  synchronized SimulatedDisk copy() {
    SimulatedDisk copy = new SimulatedDisk(random);
    names.forEach((name, inode) -> copy.content(name, inode.current));
    return copy;
  }

  synchronized boolean isSameAs(SimulatedDisk other) {
    return names.keySet().equals(other.names.keySet())
        && names.keySet().stream()
            .allMatch(name -> Arrays.equals(content(name), other.content(name)));
  }

  // ---- as a disk ----

  /** Whether the operation still takes effect. */
  private boolean begin() throws IOException {
    if (off) {
      throw new IOException("the power is off");
    }
    if (--operationsLeft < 0) {
      off = true;
      return random.nextBoolean();
    }
    return true;
  }

  private void end() throws IOException {
    if (off) {
      throw new IOException("the power is off");
    }
  }

  private synchronized void change(Consumer<Map<String, Inode>> change) throws IOException {
    if (begin()) {
      change.accept(names);
      unsyncedChanges.add(change);
    }
    end();
  }

  @Override
  public String directory() {
    return "/simulated/journal";
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(names.keySet());
  }

  @Override
  public synchronized DiskFile open(String name, boolean readOnly) throws IOException {
    Inode inode = names.get(name);
    if (inode == null) {
      throw new FileNotFoundException(name);
    }
    return new OpenFile(inode);
  }

  @Override
  public DiskFile create(String name) throws IOException {
    Inode inode = new Inode();
    change(map -> map.put(name, inode));
    return new OpenFile(inode);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Inode inode;
    synchronized (this) {
      inode = names.get(from);
    }
    change(
        map -> {
          map.remove(from, inode);
          map.put(to, inode);
        });
  }

  @Override
  public void delete(String name) throws IOException {
    Inode inode;
    synchronized (this) {
      inode = names.get(name);
    }
    change(map -> map.remove(name, inode));
  }

  @Override
  public synchronized void syncDirectory() throws IOException {
    if (begin()) {
      syncedNames.clear();
      syncedNames.putAll(names);
      unsyncedChanges.clear();
    }
    end();
  }

  private long used() {
    return names.values().stream().mapToLong(inode -> inode.current.length).sum();
  }

  @Override
  public synchronized long freeBytes() {
    return Math.max(0, capacity - used());
  }

  @Override
  public Closeable lock() {
    if (!locked.compareAndSet(false, true)) {
      throw new ConfigurationException("locked");
    }
    return () -> locked.set(false);
  }

  private final class OpenFile implements DiskFile {
    private final Inode inode;

    OpenFile(Inode inode) {
      this.inode = inode;
    }

    @Override
    public int read(ByteBuffer into, long at) {
      synchronized (SimulatedDisk.this) {
        int length = (int) Math.min(into.remaining(), inode.current.length - at);
        if (length <= 0) {
          return -1;
        }
        into.put(inode.current, (int) at, length);
        return length;
      }
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
      synchronized (SimulatedDisk.this) {
        if (writesUntilFailure > 0 && --writesUntilFailure == 0) {
          throw new IOException("bad sector");
        }
        if (shortWrites && from.remaining() > 1) {
          ByteBuffer some = from.slice(from.position(), 1 + random.nextInt(from.remaining() - 1));
          from.position(from.position() + some.remaining());
          return writeNow(some, at);
        }
        return writeNow(from, at);
      }
    }

    private int writeNow(ByteBuffer from, long at) throws IOException {
      long more = Math.max(0, at + from.remaining() - inode.current.length);
      if (more > 0 && used() + more > capacity) {
        throw new IOException("No space left on device");
      }
      byte[] bytes = new byte[from.remaining()];
      from.get(bytes);
      if (begin()) {
        inode.current = put(inode.current, at, bytes);
        inode.unforced.add(new Write(at, bytes));
      }
      end();
      return bytes.length;
    }

    @Override
    public void force() throws IOException {
      beforeForce.run();
      synchronized (SimulatedDisk.this) {
        if (forcesUntilFailure > 0 && --forcesUntilFailure == 0) {
          inode.unforced.clear(); // the kernel gave up on them; they can still be read
          throw new IOException("Input/output error");
        }
        if (begin()) {
          inode.unforced.forEach(
              write -> inode.forced = put(inode.forced, write.at(), write.bytes()));
          inode.unforced.clear();
        }
        end();
      }
    }

    @Override
    public long size() {
      synchronized (SimulatedDisk.this) {
        return inode.current.length;
      }
    }

    @Override
    public void close() {}
  }
}
