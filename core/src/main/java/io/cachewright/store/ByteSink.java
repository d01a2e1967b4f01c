// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.LimitException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that are being put together, little-endian. Grows as needed, up to a bound; {@link #clear}
 * makes it empty and keeps its memory. For one thread.
 */
public final class ByteSink {
  /** Up to here a loop is quicker than another array, which is filled many bytes at a time. */
  private static final int SHORT_TEXT = 24;

  private static final int BYTES_FIRST = 256;
  private static final int VARINT_BYTES_MAX = 10;

  private final int bytesMax;
  private byte[] bytes = new byte[BYTES_FIRST];
  private int length;

  /**
   * @param bytesMax most bytes it takes
   */
  public ByteSink(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  public void clear() {
    length = 0;
  }

  /** How many bytes there are. */
  public int length() {
    return length;
  }

  /** The array that holds the bytes, from 0 to {@link #length}. Changes when it has to grow. */
  public byte[] array() {
    return bytes;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  public void writeByte(int value) {
    room(1);
    bytes[length++] = (byte) value;
  }

  public void writeInt(int value) {
    room(Integer.BYTES);
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  public void writeLong(long value) {
    room(Long.BYTES);
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[length++] = (byte) (value >>> (8 * i));
    }
  }

  /** A number from 0 on: 7 bits to a byte, the lowest first; the top bit says that more follow. */
  public void writeCount(long count) {
    room(VARINT_BYTES_MAX);
    long rest = count;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** A number of either sign; those near 0 are short. */
  public void writeNumber(long number) {
    writeCount((number << 1) ^ (number >> 63));
  }

  /** Bytes, and before them how many. */
  public void writeBytes(byte[] value) {
    writeCount(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
  }

  /** Text in UTF-8, and before it how many bytes. */
  public void writeText(String text) {
    if (text.length() > SHORT_TEXT) {
      writeBytes(text.getBytes(StandardCharsets.UTF_8));
      return;
    }
    int start = length;
    writeCount(text.length());
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) { // then the number of bytes is another: once more, slowly
        length = start;
        writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return;
      }
      bytes[length++] = (byte) c;
    }
  }

  /**
   * Begins a block: what is written until {@link #endBlock} has its length in 4 bytes before it.
   */
  public int beginBlock() {
    writeInt(0);
    return length;
  }

  /**
   * @param begin what {@link #beginBlock} answered
   */
  public void endBlock(int begin) {
    int end = length;
    length = begin - Integer.BYTES;
    writeInt(end - begin);
    length = end;
  }

  /** What is left of a block that was read, as a block. */
  public void writeBlock(ByteSource block) {
    byte[] all = block.toByteArray();
    writeInt(all.length);
    room(all.length);
    System.arraycopy(all, 0, bytes, length, all.length);
    length += all.length;
  }

  private void room(int more) {
    if (more > bytes.length - length) {
      long needed = (long) length + more;
      if (needed > bytesMax) {
        throw new LimitException(
            "a change needs more than "
                + bytesMax
                + " bytes, the most that a record of the journal holds");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(bytesMax, Math.max(needed, bytes.length * 2L)));
    }
  }
}
