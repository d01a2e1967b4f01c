// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments there are, oldest first. The last one is active: records go there.
 *
 * <p>S1: their sequences have no gaps. A deletion is made safe before the next one, or a power cut
 * could take back the older of two.
 */
final class Segments {
  private static final Logger LOG = LoggerFactory.getLogger(Segments.class);

  record Segment(String name, long first, long bytes) {}

  private final Disk disk;
  private final ArrayDeque<Segment> all;

  /** The last sequence of the oldest segment; more than any if that is the active one. */
  private volatile long oldestEnd;

  Segments(Disk disk, List<Segment> found) {
    this.disk = disk;
    this.all = new ArrayDeque<>(found);
    this.oldestEnd = findOldestEnd();
  }

  synchronized void add(Segment segment) {
    all.addLast(segment);
    oldestEnd = findOldestEnd();
  }

  synchronized List<Segment> list() {
    return List.copyOf(all);
  }

  synchronized long bytes() {
    return all.stream().mapToLong(Segment::bytes).sum();
  }

  /** Whether {@link #trim} has something to delete. */
  boolean isTrimmed(long sequence) {
    return sequence >= oldestEnd;
  }

  /** Deletes segments without a record above {@code sequence}; whether there was one. */
  boolean trim(long sequence) {
    return sequence >= oldestEnd && trimNow(sequence);
  }

  private synchronized boolean trimNow(long sequence) {
    boolean deleted = false;
    while (sequence >= oldestEnd) {
      Segment oldest = all.getFirst();
      try {
        disk.delete(oldest.name());
        disk.syncDirectory(); // S1
      } catch (IOException e) {
        LOG.warn("journal: {}/{} cannot be deleted", disk.directory(), oldest.name(), e);
        return deleted;
      }
      all.removeFirst();
      oldestEnd = findOldestEnd();
      deleted = true;
    }
    return deleted;
  }

  private long findOldestEnd() {
    Iterator<Segment> segments = all.iterator();
    segments.next();
    return segments.hasNext() ? segments.next().first() - 1 : Long.MAX_VALUE;
  }
}
