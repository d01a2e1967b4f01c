// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Makes the bytes of segments by hand. */
final class SegmentFiles {
  private SegmentFiles() {}

  static UUID log(byte[] segment) {
    return JournalFormat.readHeader(ByteBuffer.wrap(segment).order(ByteOrder.LITTLE_ENDIAN)).log();
  }

  static byte[] empty(UUID log, long first) {
    byte[] header = JournalFormat.header(new JournalFormat.Header(log, first)).array();
    return Arrays.copyOf(header, 64 << 10);
  }

  static byte[] records(JournalFormat format, long first, long synced, String... texts) {
    ByteBuffer buffer = ByteBuffer.allocate(10_000).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < texts.length; i++) {
      byte[] payload = texts[i].getBytes(StandardCharsets.UTF_8);
      JournalFormat.putRecord(buffer, first + i, payload, payload.length);
    }
    buffer.flip();
    format.seal(buffer, synced);
    return Arrays.copyOf(buffer.array(), buffer.limit());
  }
}
