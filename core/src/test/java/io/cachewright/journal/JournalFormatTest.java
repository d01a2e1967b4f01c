// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.journal.JournalFormat.Header;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes that {@link JournalFormat} draws. */
final class JournalFormatTest {
  private static final UUID LOG = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");

  @Test
  void golden() {
    ByteBuffer header = JournalFormat.header(new Header(LOG, 2));
    ByteBuffer record = record(2, 1, "cache");
    assertThat(hex(header))
        .isEqualTo(
            "43574a4f55524e4c 01000000 00000000 7766554433221100 ffeeddccbbaa9988".replace(" ", "")
                + "0200000000000000 0000000000000000000000000000000000000000".replace(" ", "")
                + "3fdf1e75");
    assertThat(hex(record))
        .isEqualTo(
            "69695518 05000000 0200000000000000 0100000000000000 6361636865 000000"
                .replace(" ", ""));
  }

  @Test
  void whatIsWrittenIsRead() {
    ByteBuffer header = JournalFormat.header(new Header(LOG, 77));
    assertThat(JournalFormat.isHeader(header)).isTrue();
    assertThat(JournalFormat.readHeader(header)).isEqualTo(new Header(LOG, 77));
    ByteBuffer record = record(9, 8, "");
    assertThat(record.limit()).isEqualTo(24);
    assertThat(JournalFormat.isNeverWritten(record, 0)).isFalse();
    assertThat(new JournalFormat(LOG).isRecord(record, 0)).isTrue();
    assertThat(JournalFormat.sequence(record, 0)).isEqualTo(9);
    assertThat(JournalFormat.synced(record, 0)).isEqualTo(8);
  }

  @Test
  void aRecordOfAnotherLogIsNone() {
    assertThat(new JournalFormat(new UUID(1, 2)).isRecord(record(9, 8, "text"), 0)).isFalse();
  }

  @Test
  void everyBitOfARecordIsChecked() {
    ByteBuffer record = record(3, 1, "some text");
    JournalFormat format = new JournalFormat(LOG);
    for (int bit = 0; bit < 8 * record.limit(); bit++) {
      if (bit >= 32 && bit < 64) {
        continue; // the length: SegmentReader compares it with the file before it asks
      }
      record.put(bit / 8, (byte) (record.get(bit / 8) ^ (1 << (bit % 8))));
      assertThat(format.isRecord(record, 0)).as("bit %d", bit).isFalse();
      record.put(bit / 8, (byte) (record.get(bit / 8) ^ (1 << (bit % 8))));
    }
  }

  private static ByteBuffer record(long sequence, long synced, String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer =
        ByteBuffer.allocate(JournalFormat.recordBytes(payload.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    JournalFormat.putRecord(buffer, sequence, payload, payload.length);
    buffer.flip();
    new JournalFormat(LOG).seal(buffer, synced);
    return buffer;
  }

  private static String hex(ByteBuffer bytes) {
    byte[] all = new byte[bytes.limit()];
    bytes.get(0, all);
    return HexFormat.of().formatHex(all);
  }
}
