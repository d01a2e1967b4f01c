// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

/**
 * What was found when the journal was opened.
 *
 * @param firstSequence of the oldest record still here, or that the next one will have
 * @param lastSequence of the newest record; {@code firstSequence - 1} if there is none
 * @param cutBytes how many bytes of writes that a crash had torn were cut; 0 if none
 * @param cutAt where, as {@code segment:offset}; empty if nothing was cut
 */
public record Recovered(
    int segments, long firstSequence, long lastSequence, long cutBytes, String cutAt) {}
