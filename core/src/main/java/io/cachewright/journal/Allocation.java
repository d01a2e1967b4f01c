// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.journal.JournalFormat.Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * How a segment comes into being, so that it is there as a whole or not at all.
 *
 * <pre>
 *   allocate: create the spare ─► zeros ─► force            a full disk is noticed here
 *   begin:    header ─► force ─► rename ─► sync directory   then records may follow
 * </pre>
 *
 * <p>Used segments are not taken again: their old records would have to become zero first, which is
 * as much writing as a new file.
 */
final class Allocation {
  private static final int PIECE_BYTES = 1 << 20;

  private Allocation() {}

  /** Makes a spare. If it fails, no half of one is left to fill the disk. */
  static DiskFile allocate(Disk disk, long bytes, BooleanSupplier stopped) throws IOException {
    DiskFile file = disk.create(JournalFormat.SPARE_NAME);
    try {
      zero(file, 0, bytes, stopped);
      file.force();
      return file;
    } catch (IOException | RuntimeException | Error e) {
      try {
        file.close();
        disk.delete(JournalFormat.SPARE_NAME);
      } catch (IOException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** Makes the spare a segment. */
  static void begin(Disk disk, DiskFile spare, Header header) throws IOException {
    spare.writeAll(JournalFormat.header(header), 0);
    spare.force();
    disk.rename(JournalFormat.SPARE_NAME, JournalFormat.segmentName(header.first()));
    disk.syncDirectory();
  }

  static void zero(DiskFile file, long from, long to, BooleanSupplier stopped) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(PIECE_BYTES, to - from));
    for (long at = from; at < to; at += zeros.limit()) {
      if (stopped.getAsBoolean()) {
        throw new IOException("stopped");
      }
      zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
      file.writeAll(zeros, at);
    }
  }
}
