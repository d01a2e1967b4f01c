// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.BadValueException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a {@link ByteSink} has written. Whatever the bytes are, it reads no further than they
 * go, and makes nothing larger than they are.
 */
public final class ByteSource {
  private static final int VARINT_BITS_MAX = 63;

  private final ByteBuffer bytes;

  /**
   * @param bytes from its position to its limit; its order of bytes does not matter
   */
  public ByteSource(ByteBuffer bytes) {
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  public boolean isAtEnd() {
    return !bytes.hasRemaining();
  }

  public int readByte() {
    return need(1).get() & 0xff;
  }

  /** Reads a byte if it is this one; answers whether it was. */
  public boolean skip(int value) {
    boolean is = bytes.hasRemaining() && (bytes.get(bytes.position()) & 0xff) == value;
    if (is) {
      readByte();
    }
    return is;
  }

  public int readInt() {
    return need(Integer.BYTES).getInt();
  }

  public long readLong() {
    return need(Long.BYTES).getLong();
  }

  public long readCount() {
    long count = 0;
    for (int shift = 0; shift <= VARINT_BITS_MAX; shift += 7) {
      int next = readByte();
      count |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return count;
      }
    }
    throw broken("a number has no end");
  }

  /**
   * How many of something follow, each of at least one byte: never more than there are bytes left.
   */
  public int readSize() {
    long size = readCount();
    if (size < 0 || size > bytes.remaining()) {
      throw broken("a size is " + size + " where " + bytes.remaining() + " bytes are left");
    }
    return (int) size;
  }

  public long readNumber() {
    long count = readCount();
    return (count >>> 1) ^ -(count & 1);
  }

  public byte[] readBytes() {
    byte[] value = new byte[readSize()];
    bytes.get(value);
    return value;
  }

  public String readText() {
    return new String(readBytes(), StandardCharsets.UTF_8);
  }

  /** What is left, to be read without moving on here. Its bytes are shared. */
  public ByteSource rest() {
    return new ByteSource(bytes);
  }

  /** What was written between {@code beginBlock} and {@code endBlock}. Its bytes are shared. */
  public ByteSource readBlock() {
    int size = readInt();
    if (size < 0 || size > bytes.remaining()) {
      throw broken("a block is of " + size + " bytes where " + bytes.remaining() + " are left");
    }
    ByteSource block = new ByteSource(bytes.slice(bytes.position(), size));
    bytes.position(bytes.position() + size);
    return block;
  }

  /** The bytes that are left. */
  byte[] toByteArray() {
    byte[] rest = new byte[bytes.remaining()];
    bytes.duplicate().get(rest);
    return rest;
  }

  private ByteBuffer need(int count) {
    if (bytes.remaining() < count) {
      throw broken("the bytes end too early");
    }
    return bytes;
  }

  /** What to throw when the bytes mean nothing. Says where. */
  public BadValueException broken(String what) {
    return new BadValueException(what + " (at byte " + bytes.position() + ")");
  }
}
