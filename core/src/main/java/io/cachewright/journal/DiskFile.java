// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file of a {@link Disk}. Offsets are absolute; there is no position. */
public interface DiskFile extends Closeable {
  /**
   * As {@link java.nio.channels.FileChannel#read(ByteBuffer, long)}: perhaps less, -1 at the end.
   */
  int read(ByteBuffer into, long at) throws IOException;

  /** As {@link java.nio.channels.FileChannel#write(ByteBuffer, long)}: perhaps less. */
  int write(ByteBuffer from, long at) throws IOException;

  /** Makes what was written survive a power cut. After it has failed nothing is known. */
  void force() throws IOException;

  long size() throws IOException;

  /** Reads until the buffer or the file ends. */
  default void readAll(ByteBuffer into, long at) throws IOException {
    long next = at;
    while (into.hasRemaining()) {
      int read = read(into, next);
      if (read < 0) {
        return;
      }
      next += read;
    }
  }

  /** Writes all that the buffer has left. */
  default void writeAll(ByteBuffer from, long at) throws IOException {
    long next = at;
    while (from.hasRemaining()) {
      int wrote = write(from, next);
      if (wrote <= 0) {
        throw new IOException("the disk took none of " + from.remaining() + " bytes");
      }
      next += wrote;
    }
  }
}
