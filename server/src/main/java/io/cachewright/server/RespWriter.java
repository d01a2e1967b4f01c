// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * Writes replies into a buffer, in the version of the protocol that the connection speaks. What
 * RESP2 has no type for becomes what Redis makes of it there: a map is a flat array, a boolean is 0
 * or 1, a double is a string.
 *
 * <p>Whoever begins an array or a map writes exactly that many elements after it.
 */
final class RespWriter {
  private static final byte[] OK = ascii("+OK\r\n");
  private static final byte[] QUEUED = ascii("+QUEUED\r\n");
  private static final byte[] NULL_BULK = ascii("$-1\r\n");
  private static final byte[] NULL_ARRAY = ascii("*-1\r\n");
  private static final byte[] NULL = ascii("_\r\n");
  private static final byte[] LINE_END = ascii("\r\n");

  /** Headers of short bulk strings and small integers, by number. */
  private static final byte[][] BULK_HEADERS = headers('$', 1024);

  private static final byte[][] INTEGERS = headers(':', 1024);

  private static final int DOUBLES_FROM = 1 << 20;

  /** More than there is around the bytes of a bulk string. */
  private static final int SPARE = 32;

  private ByteBuf out;
  private int version = 2;

  RespWriter(ByteBuf out) {
    this.out = out;
  }

  private static byte[][] headers(char type, int number) {
    byte[][] headers = new byte[number][];
    for (int i = 0; i < number; i++) {
      headers[i] = ascii(type + Integer.toString(i) + "\r\n");
    }
    return headers;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Where replies go from now on. */
  void to(ByteBuf next) {
    out = next;
  }

  ByteBuf buffer() {
    return out;
  }

  /** The version of the protocol: 2 or 3. */
  int version() {
    return version;
  }

  void version(int next) {
    version = next;
  }

  void ok() {
    out.writeBytes(OK);
  }

  void queued() {
    out.writeBytes(QUEUED);
  }

  /** A short text without line ends. */
  void simple(String text) {
    out.writeByte('+');
    line(text);
  }

  /** An error: a code in capitals, then the reason. Line ends in it become blanks. */
  void error(String text) {
    out.writeByte('-');
    line(text.replace('\r', ' ').replace('\n', ' '));
  }

  private void line(String text) {
    ByteBufUtil.writeUtf8(out, text);
    out.writeBytes(LINE_END);
  }

  void integer(long number) {
    if (number >= 0 && number < INTEGERS.length) {
      out.writeBytes(INTEGERS[(int) number]);
    } else {
      header(':', number);
    }
  }

  void bulk(byte[] bytes) {
    makeRoom(bytes.length);
    if (bytes.length < BULK_HEADERS.length) {
      out.writeBytes(BULK_HEADERS[bytes.length]);
    } else {
      header('$', bytes.length);
    }
    out.writeBytes(bytes);
    out.writeBytes(LINE_END);
  }

  /**
   * A large buffer doubles. By itself it grows by 4 MB, and copies all it has each time: a reply of
   * 300 MB took 17 s.
   */
  private void makeRoom(int length) {
    int size = out.readableBytes();
    if (size >= DOUBLES_FROM && out.writableBytes() < length + SPARE) {
      int most = out.maxCapacity() - out.writerIndex();
      out.ensureWritable(Math.min(most, Math.max(size, length + SPARE)));
    }
  }

  void bulk(String text) {
    bulk(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A text for people: verbatim in RESP3, so that clients show it as it is. */
  void text(String text) {
    if (version == 2) {
      bulk(text);
      return;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    header('=', bytes.length + 4L);
    out.writeBytes(ascii("txt:"));
    out.writeBytes(bytes);
    out.writeBytes(LINE_END);
  }

  void doubleOf(double number) {
    String text = Numbers.print(number);
    if (version == 2) {
      bulk(text);
    } else {
      out.writeByte(',');
      line(text);
    }
  }

  void booleanOf(boolean value) {
    if (version == 2) {
      integer(value ? 1 : 0);
    } else {
      out.writeByte('#');
      line(value ? "t" : "f");
    }
  }

  /** No value, where a string would be. */
  void nil() {
    out.writeBytes(version == 2 ? NULL_BULK : NULL);
  }

  /** No value, where an array would be. */
  void nilArray() {
    out.writeBytes(version == 2 ? NULL_ARRAY : NULL);
  }

  void array(int size) {
    header('*', size);
  }

  /** Twice as many elements follow: keys and values in turn. */
  void map(int size) {
    if (version == 2) {
      header('*', size * 2L);
    } else {
      header('%', size);
    }
  }

  void set(int size) {
    header(version == 2 ? '*' : '~', size);
  }

  private void header(char type, long number) {
    out.writeByte(type);
    line(Long.toString(number));
  }
}
