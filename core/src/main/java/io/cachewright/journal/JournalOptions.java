// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.ConfigurationException;

/**
 * How a journal works.
 *
 * @param durability what an acknowledged record survives
 * @param segmentBytes size of a file, allocated ahead. Larger: fewer files, and more disk that is
 *     held until the last record in it is no longer needed. 64 KiB to 1 GiB
 * @param recordBytesMax largest payload. It must fit a segment
 * @param waitingBytesMax most bytes reserved or appended, and not yet written. They are in memory;
 *     at this bound writers wait
 */
public record JournalOptions(
    Durability durability, long segmentBytes, int recordBytesMax, long waitingBytesMax) {
  static final long SEGMENT_BYTES_MIN = 64 << 10;
  private static final long SEGMENT_BYTES_MAX = 1 << 30;

  public static final JournalOptions DEFAULTS =
      new JournalOptions(Durability.FSYNC, 64 << 20, 16 << 20, 64 << 20);

  public JournalOptions {
    require(
        segmentBytes >= SEGMENT_BYTES_MIN
            && segmentBytes <= SEGMENT_BYTES_MAX
            && segmentBytes % JournalFormat.ALIGNMENT == 0,
        "segmentBytes must be 64 KiB to 1 GiB and a multiple of 8, and is " + segmentBytes);
    long fits = segmentBytes - JournalFormat.HEADER_BYTES - JournalFormat.PAYLOAD_AT;
    require(
        recordBytesMax >= 1 && recordBytesMax <= fits,
        "recordBytesMax must be 1 to "
            + fits
            + ", so that a record fits a segment of "
            + segmentBytes
            + " bytes, and is "
            + recordBytesMax);
    long largest = JournalFormat.recordBytes(recordBytesMax);
    require(
        waitingBytesMax >= largest,
        "waitingBytesMax must be at least the "
            + largest
            + " bytes that the largest record takes, and is "
            + waitingBytesMax);
  }

  public JournalOptions withDurability(Durability other) {
    return new JournalOptions(other, segmentBytes, recordBytesMax, waitingBytesMax);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new ConfigurationException("journal: " + message);
    }
  }
}
