// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

/**
 * What the bytes that recovery comes upon mean. RecoveryTableTest tries every combination.
 *
 * <pre>
 *   at a record                          after it
 *   case  good  in order  zero   segment  fits  proof  clean   is
 *   R1     1       1       0        0      -     -      -     RECORD
 *   R2     1       1       0        1      0     -      -     RECORD
 *   R3     1       1       0        1      1     -      -     CORRUPT, an overlap
 *   R4     1       0       0        -      -     -      -     CORRUPT, lost or doubled
 *   R5     0       -       1        1      1     -      1     END of the segment
 *   R6     0       -       1        1      1     -      0     CORRUPT
 *   R7     0       -       1        1      0     -      -     CORRUPT, a gap
 *   R8     0       -       0        1      -     -      -     CORRUPT
 *   R9     0       -       -        0      -     1      -     CORRUPT
 *   R10    0       -       1        0      -     0      1     END of the journal
 *   R11    0       -       1        0      -     0      0     TORN
 *   R12    0       -       0        0      -     0      -     TORN
 * </pre>
 *
 * <p><i>Good</i>: whole, with a right checksum. <i>In order</i>: with the sequence expected here.
 * <i>Zero</i>: never written. <i>Segment</i>: there is a later segment; it <i>fits</i> if its first
 * sequence is the one expected here. <i>Proof</i>: later in this segment is a good record whose
 * {@code synced} is at least the sequence expected here. <i>Clean</i>: nothing but zeros follows.
 *
 * <p>Why a later good record alone proves nothing (R11, R12): the records of a batch that no fsync
 * has confirmed reach the disk in any order, so that after a power cut a later page may be there
 * and an earlier one not. Under FSYNC the next batch is only composed when the fsync of the last
 * one has succeeded, and then carries its last sequence as {@code synced}. So:
 *
 * <ul>
 *   <li>A later record with {@code synced} at or above the sequence expected here says that the
 *       record was on disk. It is not any more: damage, perhaps of something acknowledged (R9).
 *   <li>A segment is forced as a whole before the next one is begun: with a later segment it was
 *       all on disk (R3, R5 to R8).
 *   <li>Without either no fsync after this record has been built upon: nothing from here on was
 *       acknowledged under FSYNC, except in the last batch before the end. TORN is cut: all of it
 *       becomes zero, or a stale record could one day stand where a new one ends, and be taken for
 *       its successor.
 * </ul>
 *
 * <p>Known limit: bit rot in the records of the last batch looks like TORN, as nothing was written
 * since that could prove them. Under INTERVAL and OS that is all since the last fsync.
 *
 * <pre>
 *   at the header of a segment
 *   case  good  newest  clean  is
 *   H1     1      -       -    RECORD
 *   H2     0      0       -    CORRUPT
 *   H3     0      1       0    CORRUPT
 *   H4     0      1       1    TORN
 * </pre>
 *
 * <p>The header is forced before the first record is written, so that a header is torn only if
 * nothing follows it (H3, H4).
 */
enum RecoveryTable {
  /** Use it and go on behind it. */
  RECORD,
  /** All was read. */
  END,
  /** Never acknowledged: cut it. */
  TORN,
  /** Refuse. */
  CORRUPT;

  /** What is where a record is expected. */
  record Place(
      boolean good,
      boolean inOrder,
      boolean zero,
      boolean segmentAfter,
      boolean segmentFits,
      boolean proof,
      boolean clean) {}

  static RecoveryTable atRecord(Place at) {
    if (at.good()) {
      boolean overlaps = at.segmentAfter() && at.segmentFits();
      return at.inOrder() && !overlaps ? RECORD : CORRUPT; // R1 to R4
    }
    if (at.segmentAfter()) {
      return at.zero() && at.segmentFits() && at.clean() ? END : CORRUPT; // R5 to R8
    }
    if (at.proof()) {
      return CORRUPT; // R9
    }
    return at.zero() && at.clean() ? END : TORN; // R10 to R12
  }

  static RecoveryTable atHeader(boolean good, boolean newest, boolean clean) {
    if (good) {
      return RECORD; // H1
    }
    return newest && clean ? TORN : CORRUPT; // H2 to H4
  }
}
