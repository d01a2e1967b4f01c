// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The bytes of a snapshot, little-endian. The only place that knows them.
 *
 * <p>A snapshot is a file named after {@code from}, in 16 hexadecimal digits, and {@code
 * .snapshot}: a header, pages without gaps, a trailer, and nothing behind it.
 *
 * <pre>
 *   header
 *   offset  size  field
 *        0     8  magic      "CWSNAPSH"
 *        8     4  version    1
 *       12     4  reserved   zero
 *       16    16  log        id of the journal, a UUID: high half, low half
 *       32     8  from       every change at or below it is contained
 *       40    20  reserved   zero
 *       60     4  crc32c     of the 60 bytes before
 *
 *   page
 *   offset  size  field
 *        0     4  crc32c     of every byte after this field, xor the header's crc32c
 *        4     4  length     of the blocks together, never 0
 *        8     8  place      offset of this page in the file
 *       16     n  blocks     each as its length, 4 bytes, and its bytes
 *
 *   trailer
 *   offset  size  field
 *        0     4  crc32c     as that of a page
 *        4     4  length     0
 *        8     8  place      offset of the trailer in the file
 *       16     8  to         the newest change of which any part may be contained
 *       24     8  count      of the blocks
 * </pre>
 *
 * <p>The magic, the version and the checksum of the header stay where they are in every version. A
 * page is not larger than 1 MiB unless it has one block only. The header's checksum and the place
 * make a page of another file, or at another place, a damaged one.
 *
 * <p>Example: log 00112233-4455-6677-8899-aabbccddeeff, from 2, to 3, with the blocks "cache" and
 * "" (see SnapshotFormatTest.golden):
 *
 * <pre>
 *   4357534e41505348 01000000 00000000 7766554433221100 ffeeddccbbaa9988
 *   0200000000000000 0000000000000000000000000000000000000000 3ef58f88
 *   79d75654 0d000000 4000000000000000 05000000 6361636865 00000000
 *   8ecc92fe 00000000 5d00000000000000 0300000000000000 0200000000000000
 * </pre>
 */
final class SnapshotFormat {
  static final int VERSION = 1;

  /** Blocks gather to this. Large enough for a disk, small beside a heap. */
  static final int PAGE_BYTES = 1 << 20;

  private static final HeaderFormat HEADER = new HeaderFormat(0x4853_5041_4e53_5743L); // "CWSNAPSH"
  static final int HEADER_BYTES = HeaderFormat.BYTES;

  private static final int CRC_AT = 0;
  private static final int LENGTH_AT = CRC_AT + Integer.BYTES;
  private static final int PLACE_AT = LENGTH_AT + Integer.BYTES;
  static final int BLOCKS_AT = PLACE_AT + Long.BYTES;

  private static final int TO_AT = BLOCKS_AT;
  private static final int COUNT_AT = TO_AT + Long.BYTES;
  static final int TRAILER_BYTES = COUNT_AT + Long.BYTES;

  /** A snapshot on its way: not yet whole. */
  static final String NEW_NAME = "new.snapshot";

  private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}\\.snapshot");

  /** What the header says. */
  record Header(UUID log, long from) {}

  /** What the trailer says. */
  record Trailer(long to, long count) {}

  private final CRC32C crc = new CRC32C();
  private final int salt;

  /** The pages of the file that has this header. For one thread. */
  SnapshotFormat(ByteBuffer header) {
    this.salt = header.getInt(HeaderFormat.CRC_AT);
  }

  static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  // ---- names ----

  static String name(long from) {
    return String.format("%016x.snapshot", from);
  }

  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  static long fromByName(String name) {
    return Long.parseUnsignedLong(name.substring(0, 16), 16);
  }

  // ---- the header ----

  static ByteBuffer header(Header header) {
    return HEADER.write(VERSION, header.log(), header.from());
  }

  /** Whether a snapshot, of whatever version, has a header as it was written. */
  static boolean isHeader(ByteBuffer bytes) {
    return HEADER.isThere(bytes);
  }

  static int version(ByteBuffer header) {
    return HeaderFormat.version(header);
  }

  static Header readHeader(ByteBuffer header) {
    return new Header(HeaderFormat.log(header), HeaderFormat.sequence(header));
  }

  // ---- pages and the trailer ----

  /** What a block takes in a page; throws if no page can be that large. */
  static int blockBytes(int length) {
    return Math.addExact(BLOCKS_AT + Integer.BYTES, length) - BLOCKS_AT;
  }

  /** Puts a block at the buffer's position, which is at or after {@link #BLOCKS_AT}. */
  static void putBlock(ByteBuffer page, byte[] block, int offset, int length) {
    page.putInt(length).put(block, offset, length);
  }

  /** Completes the page that ends at the buffer's position, and has it ready to be written. */
  void sealPage(ByteBuffer page, long place) {
    page.flip();
    page.putInt(LENGTH_AT, page.limit() - BLOCKS_AT);
    seal(page, place);
  }

  ByteBuffer trailer(Trailer trailer, long place) {
    ByteBuffer bytes = allocate(TRAILER_BYTES);
    bytes.putLong(TO_AT, trailer.to());
    bytes.putLong(COUNT_AT, trailer.count());
    seal(bytes, place);
    return bytes;
  }

  static int length(ByteBuffer page) {
    return page.getInt(LENGTH_AT);
  }

  /** Whether the buffer, from 0 to its limit, is a page that was written at that place. */
  boolean isPage(ByteBuffer page, long place) {
    return length(page) == page.limit() - BLOCKS_AT && isSealed(page, place);
  }

  boolean isTrailer(ByteBuffer bytes, long place) {
    return bytes.limit() == TRAILER_BYTES && length(bytes) == 0 && isSealed(bytes, place);
  }

  static Trailer readTrailer(ByteBuffer trailer) {
    return new Trailer(trailer.getLong(TO_AT), trailer.getLong(COUNT_AT));
  }

  private void seal(ByteBuffer bytes, long place) {
    bytes.putLong(PLACE_AT, place);
    bytes.putInt(CRC_AT, checksum(bytes));
  }

  private boolean isSealed(ByteBuffer bytes, long place) {
    return bytes.getInt(CRC_AT) == checksum(bytes) && bytes.getLong(PLACE_AT) == place;
  }

  private int checksum(ByteBuffer bytes) {
    crc.reset();
    crc.update(bytes.position(LENGTH_AT));
    bytes.position(0);
    return (int) crc.getValue() ^ salt;
  }
}
