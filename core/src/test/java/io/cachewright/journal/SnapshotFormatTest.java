// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.journal.SnapshotFormat.Header;
import io.cachewright.journal.SnapshotFormat.Trailer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes that {@link SnapshotFormat} draws. */
final class SnapshotFormatTest {
  private static final UUID LOG = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
  private static final String GOLDEN =
      "4357534e41505348 01000000 00000000 7766554433221100 ffeeddccbbaa9988"
          + "0200000000000000 0000000000000000000000000000000000000000 3ef58f88"
          + "79d75654 0d000000 4000000000000000 05000000 6361636865 00000000"
          + "8ecc92fe 00000000 5d00000000000000 0300000000000000 0200000000000000";

  private final ByteBuffer header = SnapshotFormat.header(new Header(LOG, 2));
  private final SnapshotFormat format = new SnapshotFormat(header);

  @Test
  void golden() {
    SimulatedDisk disk = new SimulatedDisk(new Random(1));
    try (SnapshotWriter writer = Snapshots.open(disk, LOG).begin(2)) {
      writer.add("cache".getBytes(StandardCharsets.UTF_8), 0, 5);
      writer.add(new byte[0], 0, 0);
      writer.finish(3);
    }
    assertThat(HexFormat.of().formatHex(disk.content("0000000000000002.snapshot")))
        .isEqualTo(GOLDEN.replace(" ", ""));
  }

  @Test
  void whatIsWrittenIsRead() {
    assertThat(SnapshotFormat.isHeader(header)).isTrue();
    assertThat(SnapshotFormat.readHeader(header)).isEqualTo(new Header(LOG, 2));
    ByteBuffer trailer = format.trailer(new Trailer(7, 9), 64);
    assertThat(format.isTrailer(trailer, 64)).isTrue();
    assertThat(SnapshotFormat.readTrailer(trailer)).isEqualTo(new Trailer(7, 9));
  }

  @Test
  void aPageOfAnotherFileOrPlaceIsNone() {
    ByteBuffer page = SnapshotFormat.allocate(100).position(SnapshotFormat.BLOCKS_AT);
    SnapshotFormat.putBlock(page, new byte[10], 2, 8);
    format.sealPage(page, 64);
    assertThat(format.isPage(page, 64)).isTrue();
    assertThat(format.isPage(page, 72)).isFalse();
    ByteBuffer later = SnapshotFormat.header(new Header(LOG, 3));
    assertThat(new SnapshotFormat(later).isPage(page, 64)).isFalse();
    ByteBuffer other = SnapshotFormat.header(new Header(new UUID(1, 2), 2));
    assertThat(new SnapshotFormat(other).isPage(page, 64)).isFalse();
  }

  @Test
  void namesAreInTheOrderOfNumbers() {
    assertThat(SnapshotFormat.name(4_000)).isEqualTo("0000000000000fa0.snapshot");
    assertThat(SnapshotFormat.fromByName("0000000000000fa0.snapshot")).isEqualTo(4_000);
    assertThat(SnapshotFormat.isName("0000000000000fa0.snapshot")).isTrue();
    assertThat(SnapshotFormat.isName(SnapshotFormat.NEW_NAME)).isFalse();
    assertThat(SnapshotFormat.isName(JournalFormat.segmentName(1))).isFalse();
    assertThat(JournalFormat.isSegmentName(SnapshotFormat.name(1))).isFalse();
  }
}
