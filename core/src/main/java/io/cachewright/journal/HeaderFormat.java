// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What the files of a journal begin with, segments and snapshots: 64 bytes, little-endian.
 *
 * <pre>
 *   magic u64   version u32   zero u32   log: two u64   a sequence u64   zeros
 *   checksum u32: CRC32C of all before it
 * </pre>
 *
 * @param magic by which a file of one kind is told from others
 */
record HeaderFormat(long magic) {
  private static final int MAGIC_AT = 0;
  private static final int VERSION_AT = MAGIC_AT + Long.BYTES;
  private static final int LOG_AT = VERSION_AT + 2 * Integer.BYTES;
  private static final int SEQUENCE_AT = LOG_AT + 2 * Long.BYTES;
  static final int CRC_AT = 60;
  static final int BYTES = CRC_AT + Integer.BYTES;

  ByteBuffer write(int version, UUID log, long sequence) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(MAGIC_AT, magic);
    bytes.putInt(VERSION_AT, version);
    bytes.putLong(LOG_AT, log.getMostSignificantBits());
    bytes.putLong(LOG_AT + Long.BYTES, log.getLeastSignificantBits());
    bytes.putLong(SEQUENCE_AT, sequence);
    bytes.putInt(CRC_AT, crc(bytes));
    return bytes;
  }

  /** Whether there is one as it was written, of whatever version. */
  boolean isThere(ByteBuffer bytes) {
    return bytes.limit() >= BYTES
        && bytes.getLong(MAGIC_AT) == magic
        && bytes.getInt(CRC_AT) == crc(bytes);
  }

  static int version(ByteBuffer header) {
    return header.getInt(VERSION_AT);
  }

  static UUID log(ByteBuffer header) {
    return new UUID(header.getLong(LOG_AT), header.getLong(LOG_AT + Long.BYTES));
  }

  static long sequence(ByteBuffer header) {
    return header.getLong(SEQUENCE_AT);
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().position(0).limit(CRC_AT));
    return (int) crc.getValue();
  }
}
