// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.io.BufferedInputStream;
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
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final byte[] CRLF = {'\r', '\n'};

  private final Socket socket;
  private final InputStream in;
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
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
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
    header('*', command.length);
    for (String part : command) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      header('$', bytes.length);
      out.write(bytes);
      out.write(CRLF);
    }
    out.flush();
    return reply();
  }

  private void header(char type, int number) throws IOException {
    out.write(type);
    out.write(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
    out.write(CRLF);
  }

  private @Nullable Object reply() throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> rest;
      case '-' -> throw new ErrorReply(rest);
      case ':' -> Long.valueOf(rest);
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> array(Integer.parseInt(rest));
      default -> throw new IOException("no reply of RESP 2: " + line);
    };
  }

  private @Nullable String bulk(int length) throws IOException {
    if (length < 0) {
      return null;
    }
    byte[] bytes = in.readNBytes(length + CRLF.length);
    if (bytes.length < length + CRLF.length) {
      throw new EOFException("the server closed the connection");
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
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
    ByteArrayOutputStream line = new ByteArrayOutputStream(32);
    int next = in.read();
    while (next != '\r') {
      if (next < 0) {
        throw new EOFException("the server closed the connection");
      }
      line.write(next);
      next = in.read();
    }
    if (in.read() != '\n' || line.size() == 0) {
      throw new IOException("no reply of RESP 2");
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
