// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes commands out of what clients send: arrays of bulk strings, and inline commands.
 *
 * <pre>
 *   *3\r\n  $3\r\n SET\r\n  $1\r\n a\r\n  $1\r\n 1\r\n          SET a "1"\r\n
 *
 *              '*', count              length
 *     ┌─► START ────────► BULK_LENGTH ────────► BULK_BYTES
 *     │     │ a line            ▲   arguments left  │ no argument left
 *     └─────┘                   └───────────────────┤
 *     └─────────────────────────────────────────────┘
 * </pre>
 *
 * <p>D1: a command comes out only whole, however it was cut on its way. D2: memory is taken as
 * bytes arrive, never because a client says that they will. D3: no length above a limit is
 * accepted, and before login the limits are those of a login. D4: after a {@link ProtocolError} the
 * decoder is not used again.
 */
final class RespDecoder {
  /** Longest line that can hold a length: {@code *-9223372036854775808\r\n}. */
  private static final int LENGTH_LINE_MAX = 23;

  /** An argument up to here is waited for in the receive buffer and copied once. */
  private static final int WAITED_FOR_MAX = 16 << 10;

  /** CR and LF. */
  private static final short LINE_END = 0x0d0a;

  /** As in Redis. */
  private static final int ARGS_BEFORE_LOGIN_MAX = 10;

  private static final int BULK_BEFORE_LOGIN_MAX = 16 << 10;

  /** Of a length whose line is not whole yet. */
  private static final long INCOMPLETE = Long.MIN_VALUE;

  private enum State {
    START,
    BULK_LENGTH,
    BULK_BYTES
  }

  private final Limits limits;
  private final LengthLine line = new LengthLine();
  private State state = State.START;
  private boolean loggedIn = true;

  /** The command under way; its array grows as arguments arrive (D2). */
  private byte[][] args = new byte[0][];

  private int argsExpected;
  private int argsRead;
  private long requestBytes;

  /** The argument under way, if it is a large one; null while nothing of it was taken. */
  private byte @Nullable [] bulk;

  private int bulkLength;
  private int bulkRead;

  RespDecoder(Limits limits) {
    this.limits = limits;
  }

  /** Whether the client has logged in, or need not (D3). */
  void loggedIn(boolean next) {
    loggedIn = next;
  }

  /**
   * The next command with its arguments, the name first; null if more bytes are needed. Bytes that
   * were understood have been read from the buffer.
   */
  byte @Nullable [][] decode(ByteBuf in) {
    while (true) {
      switch (state) {
        case START -> {
          if (!in.isReadable()) {
            return null;
          }
          if (in.getByte(in.readerIndex()) != '*') {
            byte[][] inline = inline(in);
            if (inline == null || inline.length > 0) {
              return inline;
            }
          } else if (!begin(in)) {
            return null;
          }
        }
        case BULK_LENGTH -> {
          if (!bulkLength(in)) {
            return null;
          }
        }
        case BULK_BYTES -> {
          if (!bulkBytes(in)) {
            return null;
          }
          if (argsRead == argsExpected) {
            byte[][] whole = args;
            args = new byte[0][];
            state = State.START;
            return whole;
          }
        }
      }
    }
  }

  // ---- arrays of bulk strings ----

  /** {@code *count}. A count below 1 is an empty command, and skipped. */
  private boolean begin(ByteBuf in) {
    long count = length(in, "invalid multibulk length");
    if (count == INCOMPLETE) {
      return false;
    }
    if (count > limits.maxArgs()) {
      throw new ProtocolError("invalid multibulk length");
    }
    if (!loggedIn && count > ARGS_BEFORE_LOGIN_MAX) {
      throw new ProtocolError("unauthenticated multibulk length");
    }
    if (count > 0) {
      argsExpected = (int) count;
      argsRead = 0;
      requestBytes = 0;
      args = new byte[Math.min(argsExpected, 16)][];
      state = State.BULK_LENGTH;
    }
    return true;
  }

  /** {@code $length}. */
  private boolean bulkLength(ByteBuf in) {
    if (!in.isReadable()) {
      return false;
    }
    byte first = in.getByte(in.readerIndex());
    if (first != '$') {
      throw new ProtocolError("expected '$', got '" + printable(first) + "'");
    }
    long length = length(in, "invalid bulk length");
    if (length == INCOMPLETE) {
      return false;
    }
    if (length < 0 || length > limits.maxBulk()) {
      throw new ProtocolError("invalid bulk length");
    }
    if (!loggedIn && length > BULK_BEFORE_LOGIN_MAX) {
      throw new ProtocolError("unauthenticated bulk length");
    }
    requestBytes += length;
    if (requestBytes > limits.maxRequest()) {
      throw new ProtocolError("command of more than " + limits.maxRequest() + " bytes");
    }
    bulkLength = (int) length;
    bulkRead = 0;
    bulk = null;
    state = State.BULK_BYTES;
    return true;
  }

  /** The argument and the line end after it. */
  private boolean bulkBytes(ByteBuf in) {
    byte[] whole;
    if (bulk == null && in.readableBytes() >= bulkLength + 2) {
      whole = new byte[bulkLength];
      in.readBytes(whole);
    } else if (bulkLength <= WAITED_FOR_MAX) {
      return false;
    } else {
      takeSome(in);
      if (bulk == null || bulkRead < bulkLength || in.readableBytes() < 2) {
        return false;
      }
      whole = bulk;
      bulk = null;
    }
    if (in.readShort() != LINE_END) {
      throw new ProtocolError("expected a line end after " + bulkLength + " bytes of an argument");
    }
    if (argsRead == args.length) {
      args = Arrays.copyOf(args, (int) Math.min(argsExpected, args.length * 2L));
    }
    args[argsRead++] = whole;
    state = State.BULK_LENGTH;
    return true;
  }

  /** D2: an array that doubles as it fills, to exactly the length in the end. */
  private void takeSome(ByteBuf in) {
    int some = Math.min(in.readableBytes(), bulkLength - bulkRead);
    byte[] present = bulk == null ? new byte[0] : bulk;
    if (bulkRead + some > present.length) {
      long roomy = Math.max(bulkRead + some, present.length * 2L);
      present = Arrays.copyOf(present, (int) Math.min(bulkLength, roomy));
    }
    in.readBytes(present, bulkRead, some);
    bulkRead += some;
    bulk = present;
  }

  /**
   * The number on a line after its type byte. If the line is not whole yet, {@link #INCOMPLETE},
   * and nothing has been read.
   */
  private long length(ByteBuf in, String fault) {
    int begin = in.readerIndex() + 1;
    int span = Math.min(in.writerIndex() - begin, LENGTH_LINE_MAX);
    line.reset();
    int end = in.forEachByte(begin, span, line);
    if (end < 0 && span < LENGTH_LINE_MAX && !line.isTooLarge()) {
      return INCOMPLETE;
    }
    if (end < 0 || line.isTooLarge() || line.digits == 0 || line.stop != '\r') {
      throw new ProtocolError(fault);
    }
    if (end + 1 == in.writerIndex()) {
      return INCOMPLETE;
    }
    if (in.getByte(end + 1) != '\n') {
      throw new ProtocolError(fault);
    }
    in.readerIndex(end + 2);
    return line.negative && line.number != 0 ? -1 : line.number;
  }

  /**
   * Reads digits until something else comes. A processor, because a buffer checks its bounds once
   * for all the bytes that one is given, and for each byte that is got from it.
   */
  private static final class LengthLine implements ByteProcessor {
    private long number;
    private int digits;
    private boolean negative;
    private byte stop;

    void reset() {
      number = 0;
      digits = 0;
      negative = false;
      stop = 0;
    }

    boolean isTooLarge() {
      return number > Integer.MAX_VALUE;
    }

    @Override
    public boolean process(byte b) {
      if (b >= '0' && b <= '9') {
        number = number * 10 + (b - '0');
        digits++;
        return !isTooLarge();
      } else if (b == '-' && digits == 0 && !negative) {
        negative = true;
        return true;
      }
      stop = b;
      return false;
    }
  }

  private static String printable(byte b) {
    return b >= ' ' && b < 127 ? String.valueOf((char) b) : String.format("\\x%02x", b & 0xff);
  }

  // ---- inline commands ----

  /** A line's words; none if it is empty; null if it is not whole yet. */
  private byte @Nullable [][] inline(ByteBuf in) {
    int length = in.bytesBefore((byte) '\n');
    if (length > limits.maxInline() || (length < 0 && in.readableBytes() > limits.maxInline())) {
      throw new ProtocolError("too big inline request");
    }
    if (length < 0) {
      return null;
    }
    byte[] text = new byte[length];
    in.readBytes(text);
    in.skipBytes(1);
    int end = length > 0 && text[length - 1] == '\r' ? length - 1 : length;
    byte[][] words = InlineWords.of(text, end);
    if (words == null) {
      throw new ProtocolError("unbalanced quotes in request");
    }
    if (words.length > 0 && isHttp(words[0])) {
      throw new ProtocolError("this is HTTP, and here is spoken the Redis protocol");
    }
    if (words.length > limits.maxArgs() || (!loggedIn && words.length > ARGS_BEFORE_LOGIN_MAX)) {
      throw new ProtocolError("too many words in an inline request");
    }
    return words;
  }

  /**
   * As in Redis: a page in a browser can send HTTP to a server on its reader's own machine, with
   * commands in the body.
   */
  private static boolean isHttp(byte[] word) {
    String text = word.length > 5 ? "" : new String(word, StandardCharsets.ISO_8859_1);
    return text.equalsIgnoreCase("POST") || text.equalsIgnoreCase("Host:");
  }

  @Override
  public String toString() {
    String first = argsRead == 0 ? "" : new String(args[0], StandardCharsets.ISO_8859_1);
    return state + " " + first + " " + argsRead + "/" + argsExpected;
  }
}
