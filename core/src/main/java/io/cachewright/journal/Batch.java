// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records that go out together, as bytes, and who waits for them. Used again and again: nothing is
 * allocated per record. Owned by the intake while it fills, then by the writer.
 */
final class Batch {
  private static final Logger LOG = LoggerFactory.getLogger(Batch.class);

  /**
   * Records that are neighbours in a segment.
   *
   * @param first the sequence of the first
   * @param beginsSegment whether that is the first of a segment
   */
  record Run(ByteBuffer records, long first, boolean beginsSegment) {}

  private final List<Run> runs = new ArrayList<>();
  private Acknowledgement[] acknowledgements = new Acknowledgement[64];
  private int count;
  private int answered;
  private long first;
  private long bytes;

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  long last() {
    return first + count - 1;
  }

  long bytes() {
    return bytes;
  }

  List<Run> runs() {
    return runs;
  }

  void ensureOneMore() {
    if (count == acknowledgements.length) {
      acknowledgements = Arrays.copyOf(acknowledgements, 2 * count);
    }
  }

  /**
   * Adds a record, for which {@link #ensureOneMore} has made room, and whose bytes are in the last
   * run.
   */
  void add(long sequence, int recordBytes, Acknowledgement acknowledgement) {
    if (count == 0) {
      first = sequence;
    }
    acknowledgements[count++] = acknowledgement;
    bytes += recordBytes;
  }

  void acknowledge() {
    while (answered < count) {
      long sequence = first + answered;
      Acknowledgement next = acknowledgements[answered++];
      try {
        next.durable(sequence);
      } catch (RuntimeException e) {
        LOG.error("journal: the acknowledgement of record {} failed", sequence, e);
      }
    }
  }

  /** Fails those that were not acknowledged. */
  void fail(JournalException cause) {
    while (answered < count) {
      long sequence = first + answered;
      Acknowledgement next = acknowledgements[answered++];
      try {
        next.failed(sequence, cause);
      } catch (RuntimeException e) {
        LOG.error("journal: the acknowledgement of record {} failed", sequence, e);
      }
    }
  }

  void clear() {
    Arrays.fill(acknowledgements, 0, count, Acknowledgement.NONE);
    runs.clear();
    count = 0;
    answered = 0;
    bytes = 0;
  }
}
