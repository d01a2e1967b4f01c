// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a server, and cuts the connection at a chosen word: before the word
 * reaches the server, or when the server's answer to it comes back.
 */
final class CuttingProxy implements Closeable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private enum Cut {
    BEFORE,
    ANSWER
  }

  private final int serverPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final int port;
  private volatile ServerSocket listener;
  private volatile @Nullable String word;
  private volatile Cut cut = Cut.BEFORE;

  CuttingProxy(int serverPort) {
    this.serverPort = serverPort;
    this.listener = listen(0);
    this.port = listener.getLocalPort();
  }

  int port() {
    return port;
  }

  /** The next message with this word is not delivered. Once. */
  void cutBefore(String word) {
    this.cut = Cut.BEFORE;
    this.word = word;
  }

  /** The next message with this word is delivered; its answer is not. Once. */
  void cutAnswerTo(String word) {
    this.cut = Cut.ANSWER;
    this.word = word;
  }

  /** Cuts all connections and takes no new ones, as a server that is down. */
  void down() {
    close();
  }

  void up() {
    listener = listen(port);
  }

  private ServerSocket listen(int at) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at));
      start(() -> accept(socket));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket from) {
    try {
      while (true) {
        Socket client = from.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        keep(from, client, server);
        boolean[] cutAnswer = new boolean[1];
        start(() -> forward(client, server, cutAnswer));
        start(() -> backward(server, client, cutAnswer));
      }
    } catch (IOException e) {
      // The listener was closed.
    }
  }

  /**
   * A listener that was closed can take a connection even so, until the thread that waits in {@code
   * accept} has run: on a busy machine long enough for a pool to connect once more.
   */
  private synchronized void keep(ServerSocket from, Socket client, Socket server)
      throws IOException {
    if (from.isClosed()) {
      client.close();
      server.close();
      throw new IOException("down");
    }
    sockets.add(client);
    sockets.add(server);
  }

  private void forward(Socket client, Socket server, boolean[] cutAnswer) {
    try (client;
        server) {
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        String wanted = word;
        String message = new String(buffer, 0, n, StandardCharsets.ISO_8859_1);
        if (wanted != null && message.contains(wanted)) {
          word = null;
          if (cut == Cut.BEFORE) {
            return;
          }
          synchronized (cutAnswer) {
            cutAnswer[0] = true;
          }
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // Cut.
    }
  }

  private static void backward(Socket server, Socket client, boolean[] cutAnswer) {
    try (client;
        server) {
      InputStream in = server.getInputStream();
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        synchronized (cutAnswer) {
          if (cutAnswer[0]) {
            return;
          }
        }
        client.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException e) {
      // Cut.
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "cutting-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public synchronized void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
      sockets.clear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
