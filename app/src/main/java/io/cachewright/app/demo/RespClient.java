// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks the Redis protocol (RESP 2): sends a command, waits for its reply. Not
 * thread-safe.
 *
 * <p>Replies are a {@code String}, a {@code Long}, a {@code List} of replies, or null.
 */
public final class RespClient implements AutoCloseable {
  private static final int CONNECT_MILLIS = 10_000;

  /** Longer than a server has a write wait for room, which is 10 s: its answer says why. */
  private static final int REPLY_MILLIS = 30_000;

  private static final byte[] CRLF = {'\r', '\n'};

  private final Socket socket;
  private final InputStream in;

  /** Read and not yet understood, from position to limit. A stream of the JDK locks each byte. */
  private final byte[] buffer = new byte[1 << 14];

  private int position;
  private int limit;
  private final OutputStream out;

  /** What the server answered instead of a reply. */
  public static final class ErrorReply extends IOException {
    private static final long serialVersionUID = 1L;

    ErrorReply(String message) {
      super(message);
    }

    /** As the server wrote it: {@code ERR unknown command}. */
    public String text() {
      return String.valueOf(getMessage());
    }
  }

  public RespClient(String host, int port) throws IOException {
    socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(REPLY_MILLIS);
      in = socket.getInputStream();
      out = new BufferedOutputStream(socket.getOutputStream(), 1 << 14);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Sends a command and waits for its reply.
   *
   * @throws ErrorReply if that is an error
   */
  public @Nullable Object call(String... command) throws IOException {
    send(command);
    out.flush();
    return reply();
  }

  /**
   * Sends commands at once and waits for all the replies.
   *
   * @throws ErrorReply if one is an error; then the connection is of no use any more
   */
  void callAll(List<String[]> commands) throws IOException {
    for (String[] command : commands) {
      send(command);
    }
    out.flush();
    for (int i = 0; i < commands.size(); i++) {
      reply();
    }
  }

  private void send(String... command) throws IOException {
    header('*', command.length);
    for (String part : command) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      header('$', bytes.length);
      out.write(bytes);
      out.write(CRLF);
    }
  }

  private void header(char type, int number) throws IOException {
    out.write(type);
    out.write(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
    out.write(CRLF);
  }

  private @Nullable Object reply() throws IOException {
    int type = next();
    return switch (type) {
      case '+' -> line();
      case '-' -> throw new ErrorReply(line());
      case ':' -> number();
      case '$' -> bulk((int) number());
      case '*' -> array((int) number());
      default -> throw new IOException("no reply of RESP 2: it begins with byte " + type);
    };
  }

  private @Nullable String bulk(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      if (position == limit) {
        fill();
      }
      int part = Math.min(length - done, limit - position);
      System.arraycopy(buffer, position, bytes, done, part);
      position += part;
      done += part;
    }
    end();
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private @Nullable List<@Nullable Object> array(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    List<@Nullable Object> items = new ArrayList<>(length);
    ErrorReply error = null;
    for (int i = 0; i < length; i++) {
      try {
        items.add(reply());
      } catch (ErrorReply e) {
        error = e; // the other replies must be read all the same
      }
    }
    if (error != null) {
      throw error;
    }
    return items;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = next(); next != '\r'; next = next()) {
      line.write(next);
    }
    position--;
    end();
    return line.toString(StandardCharsets.UTF_8);
  }

  private long number() throws IOException {
    int next = next();
    boolean negative = next == '-';
    long number = negative ? 0 : next - '0';
    for (next = next(); next != '\r'; next = next()) {
      number = number * 10 + (next - '0');
    }
    position--;
    end();
    return negative ? -number : number;
  }

  private void end() throws IOException {
    if (next() != '\r' || next() != '\n') {
      throw new IOException("no reply of RESP 2: a line does not end");
    }
  }

  private int next() throws IOException {
    if (position == limit) {
      fill();
    }
    return buffer[position++];
  }

  private void fill() throws IOException {
    limit = Math.max(0, in.read(buffer));
    position = 0;
    if (limit == 0) {
      throw new EOFException("the server closed the connection");
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
