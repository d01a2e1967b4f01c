// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A client of few verbs, for tests. A reply is shown as text: {@code OK}, {@code (integer) 1},
 * {@code "a"}, {@code (nil)}, {@code (error) ERR …}, {@code [1, 2]}, {@code {a: 1}}.
 */
final class RespClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  RespClient(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = socket.getOutputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a command, as words parted by blanks, and awaits its reply. */
  String ask(String command) {
    send(command);
    return reply();
  }

  /** Sends a command of these words and awaits its reply. */
  String askWords(String... words) {
    sendBytes(encode(words));
    return reply();
  }

  /** Sends commands at once and awaits all the replies. */
  List<String> pipeline(List<String> commands) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String command : commands) {
      all.writeBytes(encode(command.split(" ")));
    }
    sendBytes(all.toByteArray());
    List<String> replies = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      replies.add(reply());
    }
    return replies;
  }

  void send(String command) {
    sendBytes(encode(command.split(" ")));
  }

  void sendBytes(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void sendRaw(String bytes) {
    sendBytes(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  static byte[] encode(String... words) {
    ByteArrayOutputStream command = new ByteArrayOutputStream();
    command.writeBytes(latin1("*" + words.length + "\r\n"));
    for (String word : words) {
      byte[] bytes = latin1(word);
      command.writeBytes(latin1("$" + bytes.length + "\r\n"));
      command.writeBytes(bytes);
      command.writeBytes(latin1("\r\n"));
    }
    return command.toByteArray();
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Says that nothing more will be sent. */
  void endOutput() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String reply() {
    try {
      return read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether some of a reply has come. */
  boolean hasReply() {
    try {
      return in.available() > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the server has closed the connection, once all it sent was read. */
  boolean isClosed() {
    try {
      return in.read() < 0;
    } catch (IOException e) {
      return true; // reset
    }
  }

  private String read() throws IOException {
    int type = in.read();
    if (type < 0) {
      throw new EOFException("the server has closed the connection");
    }
    String line = line();
    return switch (type) {
      case '+' -> line;
      case '-' -> "(error) " + line;
      case ':' -> "(integer) " + line;
      case ',' -> "(double) " + line;
      case '#' -> "(boolean) " + line;
      case '_' -> "(nil)";
      case '$', '=' -> line.equals("-1") ? "(nil)" : "\"" + bulk(Integer.parseInt(line)) + "\"";
      case '*', '~', '>' -> line.equals("-1") ? "(nil)" : elements(Integer.parseInt(line));
      case '%' -> map(Integer.parseInt(line));
      default -> throw new IOException("a reply of type " + (char) type);
    };
  }

  private String bulk(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (in.read() != '\r' || in.read() != '\n') {
      throw new IOException("no line end after a bulk string");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private String elements(int size) throws IOException {
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      elements.add(read());
    }
    return elements.toString();
  }

  private String map(int size) throws IOException {
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      elements.add(read() + ": " + read());
    }
    return "{" + String.join(", ", elements) + "}";
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\r'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the server has closed the connection amid a reply");
      }
      line.write(b);
    }
    if (in.read() != '\n') {
      throw new IOException("no line feed");
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
