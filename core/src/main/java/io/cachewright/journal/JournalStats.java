// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

/**
 * What the journal has done since it was opened, and how large it is.
 *
 * @param bytes on disk, with what is allocated ahead
 * @param waitingBytes reserved or appended, and not yet written
 * @param appended records
 * @param batches how often records were written: {@code appended / batches} is the group's size
 */
public record JournalStats(
    int segments,
    long bytes,
    long waitingBytes,
    long appended,
    long batches,
    long fsyncs,
    long fsyncNanosTotal,
    long fsyncNanosLast) {}
