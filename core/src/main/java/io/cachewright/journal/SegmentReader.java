// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a segment from its header on, in large pieces, and knows nothing of what is right.
 *
 * <p>D1: the {@link #payload} of a record is checked. D2: a length that is read is not believed
 * before it was compared with the file's.
 */
final class SegmentReader {
  /** Of each read. Larger than a read-ahead, small beside a segment. */
  private static final int PIECE_BYTES = 1 << 20;

  /** What is at the reader's offset. */
  enum Here {
    RECORD,
    NEVER_WRITTEN,
    DAMAGED
  }

  private final DiskFile file;
  private final JournalFormat format;
  private final long size;
  private ByteBuffer buffer;
  private ByteBuffer view;

  /** Where in the file the buffer begins. */
  private long bufferAt;

  private long offset = JournalFormat.HEADER_BYTES;

  SegmentReader(DiskFile file, JournalFormat format) throws IOException {
    this.file = file;
    this.format = format;
    this.size = file.size();
    this.buffer = allocate((int) Math.min(PIECE_BYTES, size));
    this.view = viewOf(buffer);
    buffer.limit(0);
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer viewOf(ByteBuffer buffer) {
    return buffer.asReadOnlyBuffer();
  }

  /** Reads the bytes of a header: fewer if the file is shorter. */
  static ByteBuffer readHeader(DiskFile file) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(JournalFormat.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.readAll(bytes, 0);
    return bytes.flip();
  }

  long offset() {
    return offset;
  }

  /**
   * Looks at the offset. {@link #sequence} and the like are of a RECORD; {@link #next} leaves it.
   */
  Here look() throws IOException {
    long left = size - offset;
    if (left < JournalFormat.PAYLOAD_AT) {
      return onlyZerosFrom(offset) ? Here.NEVER_WRITTEN : Here.DAMAGED;
    }
    load(offset, JournalFormat.PAYLOAD_AT);
    if (JournalFormat.isNeverWritten(buffer, at())) {
      return Here.NEVER_WRITTEN;
    }
    return isRecord(offset) ? Here.RECORD : Here.DAMAGED;
  }

  private boolean isRecord(long where) throws IOException {
    load(where, JournalFormat.PAYLOAD_AT);
    int length = JournalFormat.length(buffer, (int) (where - bufferAt));
    if (length < 0 || length > size - where - JournalFormat.PAYLOAD_AT) { // D2
      return false;
    }
    int bytes = JournalFormat.recordBytes(length);
    if (bytes > size - where) {
      return false;
    }
    load(where, bytes);
    return format.isRecord(buffer, (int) (where - bufferAt));
  }

  void next() {
    offset += JournalFormat.recordBytes(JournalFormat.length(buffer, at()));
  }

  long sequence() {
    return JournalFormat.sequence(buffer, at());
  }

  long synced() {
    return JournalFormat.synced(buffer, at());
  }

  /** Valid until the next call of {@link #look}. */
  ByteBuffer payload() {
    int from = at() + JournalFormat.PAYLOAD_AT;
    return view.limit(from + JournalFormat.length(buffer, at())).position(from);
  }

  private int at() {
    return (int) (offset - bufferAt);
  }

  /** Whether the file has nothing but zeros from there on. */
  boolean onlyZerosFrom(long from) throws IOException {
    return firstNonZero(from) == size;
  }

  /** The end of the last byte that is not zero, at or after {@code from}; else {@code from}. */
  long endOfNonZeros(long from) throws IOException {
    long end = from;
    for (long where = firstNonZero(from); where < size; where = firstNonZero(end)) {
      end = where + 1;
    }
    return end;
  }

  private long firstNonZero(long from) throws IOException {
    long where = from;
    while (where < size) {
      load(where, 1);
      int at = (int) (where - bufferAt);
      while (at + Long.BYTES <= buffer.limit() && buffer.getLong(at) == 0) {
        at += Long.BYTES;
      }
      while (at < buffer.limit() && buffer.get(at) == 0) {
        at++;
      }
      where = bufferAt + at;
      if (at < buffer.limit()) {
        return where;
      }
    }
    return size;
  }

  /**
   * Finds the first good record behind the reader's offset that says that record {@code expected}
   * was synced. Records are at multiples of 8; the fields are compared before a checksum is made of
   * what they say, for there are millions of places to look at.
   *
   * @return its offset, or -1
   */
  long findProof(long expected) throws IOException {
    long last = size - JournalFormat.PAYLOAD_AT;
    for (long where = offset + JournalFormat.ALIGNMENT;
        where <= last;
        where += JournalFormat.ALIGNMENT) {
      load(where, JournalFormat.PAYLOAD_AT);
      int at = (int) (where - bufferAt);
      long synced = JournalFormat.synced(buffer, at);
      if (synced >= expected && JournalFormat.sequence(buffer, at) > synced && isRecord(where)) {
        return where;
      }
    }
    return -1;
  }

  /** Has these bytes of the file in the buffer. */
  private void load(long where, int bytes) throws IOException {
    if (where >= bufferAt && where + bytes <= bufferAt + buffer.limit()) {
      return;
    }
    if (bytes > buffer.capacity()) {
      buffer = allocate(Math.max(bytes, 2 * buffer.capacity()));
      view = viewOf(buffer);
    }
    buffer.clear();
    file.readAll(buffer, where);
    buffer.flip();
    bufferAt = where;
    if (buffer.limit() < bytes) {
      throw new IOException("the file ends at " + (where + buffer.limit()) + ", and was " + size);
    }
  }
}
