// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The bytes of the journal, little-endian. The only place that knows them.
 *
 * <p>A segment is a file named after its first sequence, in 16 hexadecimal digits, and {@code
 * .journal}. It is allocated whole, as zeros, before it is used: a header, records without gaps,
 * and zeros up to the end.
 *
 * <pre>
 *   segment header
 *   offset  size  field
 *        0     8  magic      "CWJOURNL"
 *        8     4  version    1
 *       12     4  reserved   zero
 *       16    16  log        id of the journal, a UUID: high half, low half
 *       32     8  first      sequence of the segment's first record
 *       40    20  reserved   zero
 *       60     4  crc32c     of the 60 bytes before
 *
 *   record
 *   offset  size  field
 *        0     4  crc32c     of every byte after this field, padding included, xor the log's salt
 *        4     4  length     of the payload, may be 0
 *        8     8  sequence   1 more than the record before; never 0
 *       16     8  synced     every record up to this sequence was on disk for sure when this one
 *                            was written; less than its own sequence
 *       24     n  payload
 *     24+n   0-7  padding    zero, up to a multiple of 8
 * </pre>
 *
 * <p>The magic, the version and the checksum of the header stay where they are in every version.
 * The salt is the crc32c of the 16 bytes of the log's id: a record of another journal, perhaps in
 * the payload of one of ours, is never taken for one of ours. 24 bytes of zero in place of a record
 * mean "never written".
 *
 * <p>Example: log 00112233-4455-6677-8899-aabbccddeeff, a record of "cache", sequence 2, while
 * record 1 is synced (see JournalFormatTest.golden):
 *
 * <pre>
 *   43574a4f55524e4c 01000000 00000000 7766554433221100 ffeeddccbbaa9988
 *   0200000000000000 0000000000000000000000000000000000000000 3fdf1e75
 *   69695518 05000000 0200000000000000 0100000000000000 6361636865 000000
 * </pre>
 */
final class JournalFormat {
  static final int VERSION = 1;
  static final int ALIGNMENT = 8;

  private static final HeaderFormat HEADER = new HeaderFormat(0x4c4e_5255_4f4a_5743L); // "CWJOURNL"
  static final int HEADER_BYTES = HeaderFormat.BYTES;

  private static final int CRC_AT = 0;
  private static final int LENGTH_AT = CRC_AT + Integer.BYTES;
  private static final int SEQUENCE_AT = LENGTH_AT + Integer.BYTES;
  private static final int SYNCED_AT = SEQUENCE_AT + Long.BYTES;
  static final int PAYLOAD_AT = SYNCED_AT + Long.BYTES;

  /** A segment on its way: allocated, not yet named. */
  static final String SPARE_NAME = "spare.journal";

  private static final Pattern SEGMENT_NAME = Pattern.compile("([0-9a-f]{16})\\.journal");

  /** What the header of a segment says. */
  record Header(UUID log, long first) {}

  private final CRC32C crc = new CRC32C();
  private final int salt;

  /** The records of one log. For one thread. */
  JournalFormat(UUID log) {
    ByteBuffer id = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    id.putLong(log.getMostSignificantBits()).putLong(log.getLeastSignificantBits()).flip();
    crc.update(id);
    this.salt = (int) crc.getValue();
  }

  // ---- segments ----

  static String segmentName(long first) {
    return String.format("%016x.journal", first);
  }

  static boolean isSegmentName(String name) {
    return SEGMENT_NAME.matcher(name).matches();
  }

  static long firstByName(String name) {
    return Long.parseUnsignedLong(name.substring(0, 16), 16);
  }

  static ByteBuffer header(Header header) {
    return HEADER.write(VERSION, header.log(), header.first());
  }

  /** Whether a segment, of whatever version, has a header as it was written. */
  static boolean isHeader(ByteBuffer bytes) {
    return HEADER.isThere(bytes);
  }

  static int version(ByteBuffer header) {
    return HeaderFormat.version(header);
  }

  static Header readHeader(ByteBuffer header) {
    return new Header(HeaderFormat.log(header), HeaderFormat.sequence(header));
  }

  // ---- records ----

  /** What a record with this payload takes on disk. */
  static int recordBytes(int payloadBytes) {
    return Math.addExact(PAYLOAD_AT + ALIGNMENT - 1, payloadBytes) & -ALIGNMENT;
  }

  /** Puts a record at the buffer's position, all but what {@link #seal} adds. */
  static void putRecord(ByteBuffer buffer, long sequence, byte[] payload, int length) {
    int at = buffer.position();
    int end = at + recordBytes(length);
    buffer.putLong(end - ALIGNMENT, 0); // the padding; the record's other bytes overwrite the rest
    buffer.putInt(at + LENGTH_AT, length);
    buffer.putLong(at + SEQUENCE_AT, sequence);
    buffer.position(at + PAYLOAD_AT);
    buffer.put(payload, 0, length);
    buffer.position(end);
  }

  /** Completes the records of a buffer, from 0 to its limit, with {@code synced} and checksums. */
  void seal(ByteBuffer records, long synced) {
    int end = records.limit();
    int at = 0;
    while (at < end) {
      int next = at + recordBytes(length(records, at));
      records.putLong(at + SYNCED_AT, synced);
      records.putInt(at + CRC_AT, checksum(records, at, next));
      at = next;
    }
    records.limit(end).position(0);
  }

  static boolean isNeverWritten(ByteBuffer buffer, int at) {
    return (buffer.getLong(at) | buffer.getLong(at + SEQUENCE_AT) | buffer.getLong(at + SYNCED_AT))
        == 0;
  }

  static int length(ByteBuffer buffer, int at) {
    return buffer.getInt(at + LENGTH_AT);
  }

  static long sequence(ByteBuffer buffer, int at) {
    return buffer.getLong(at + SEQUENCE_AT);
  }

  static long synced(ByteBuffer buffer, int at) {
    return buffer.getLong(at + SYNCED_AT);
  }

  /** Whether a record of this log is at {@code at}. It must be in the buffer as a whole. */
  boolean isRecord(ByteBuffer buffer, int at) {
    int end = at + recordBytes(length(buffer, at));
    return sequence(buffer, at) != 0 && buffer.getInt(at + CRC_AT) == checksum(buffer, at, end);
  }

  /** Leaves position and limit of the buffer where they were. */
  private int checksum(ByteBuffer buffer, int at, int end) {
    int position = buffer.position();
    int limit = buffer.limit();
    crc.reset();
    crc.update(buffer.limit(end).position(at + LENGTH_AT));
    buffer.limit(limit).position(position);
    return (int) crc.getValue() ^ salt;
  }
}
