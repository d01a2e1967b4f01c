// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A load generator that behaves like redis-benchmark, so that nothing need be installed: one
 * thread, {@link #CLIENTS} connections, each sends its commands, waits for all the replies and
 * sends the next ones. Numbers look like redis-benchmark's.
 */
final class BuiltInLoad implements Load {
  private static final int RECEIVE_BYTES = 64 << 10;

  private final SplittableRandom random = new SplittableRandom(17);

  /** As it is sent. {@link #NUMBER} is still in it, and has as many digits. */
  static String encoded(String command) {
    String[] words = command.split(" ");
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      text.append("$").append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    return text.toString();
  }

  @Override
  public String description() {
    return "built-in load generator";
  }

  @Override
  public double perSecond(int port, Mix mix) throws IOException {
    try (Selector selector = Selector.open()) {
      List<Client> clients = new ArrayList<>();
      try {
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(new Client(port, mix, selector));
        }
        return run(selector, clients, mix);
      } finally {
        for (Client client : clients) {
          client.channel.close();
        }
      }
    }
  }

  private double run(Selector selector, List<Client> clients, Mix mix) throws IOException {
    long begin = System.nanoTime();
    int asked = 0;
    int answered = 0;
    for (Client client : clients) {
      asked += client.send(Math.min(mix.pipeline(), mix.requests() - asked));
    }
    while (answered < mix.requests()) {
      selector.select();
      for (SelectionKey key : selector.selectedKeys()) {
        Client client = (Client) key.attachment();
        answered += client.receive();
        if (client.waitingFor == 0) {
          asked += client.send(Math.min(mix.pipeline(), mix.requests() - asked));
        }
      }
      selector.selectedKeys().clear();
    }
    return answered * 1e9 / (System.nanoTime() - begin);
  }

  /** A connection. */
  private final class Client {
    final SocketChannel channel;
    private final byte[] command;
    private final int numberAt;
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(RECEIVE_BYTES);
    private final ReplyCounter replies = new ReplyCounter();
    int waitingFor;

    Client(int port, Mix mix, Selector selector) throws IOException {
      String text = encoded(mix.command());
      command = text.getBytes(StandardCharsets.US_ASCII);
      numberAt = text.indexOf(NUMBER);
      out = ByteBuffer.allocateDirect(command.length * mix.pipeline());
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    /** Sends so many commands, each of another key. Little enough to fit in the socket's buffer. */
    int send(int count) throws IOException {
      out.clear();
      for (int i = 0; i < count; i++) {
        int number = random.nextInt(KEYS);
        for (int at = numberAt + NUMBER.length() - 1; at >= numberAt; at--) {
          command[at] = (byte) ('0' + number % 10);
          number /= 10;
        }
        out.put(command);
      }
      out.flip();
      while (out.hasRemaining()) {
        channel.write(out);
      }
      waitingFor = count;
      return count;
    }

    int receive() throws IOException {
      if (channel.read(in) < 0) {
        throw new IOException("the server closed a connection");
      }
      in.flip();
      int counted = replies.count(in);
      in.compact();
      waitingFor -= counted;
      return counted;
    }
  }

  /** Counts whole replies: simple strings, integers and bulk strings. */
  static final class ReplyCounter {

    /** Consumes the whole replies; what is left is the beginning of one. */
    int count(ByteBuffer in) throws IOException {
      int count = 0;
      for (int end = end(in); end >= 0; end = end(in)) {
        in.position(end);
        count++;
      }
      return count;
    }

    /** Where the first reply ends; -1 if it is not whole yet. */
    private static int end(ByteBuffer in) throws IOException {
      int at = in.position();
      int newline = at;
      while (newline < in.limit() && in.get(newline) != '\n') {
        newline++;
      }
      if (newline == in.limit()) {
        return -1;
      }
      return switch (in.get(at)) {
        case '+', ':' -> newline + 1;
        case '$' -> bulkEnd(in, at + 1, newline);
        default -> throw new IOException("the server answered: " + line(in, at, newline));
      };
    }

    private static int bulkEnd(ByteBuffer in, int from, int newline) {
      if (in.get(from) == '-') {
        return newline + 1; // nil
      }
      int length = 0;
      for (int i = from; i < newline - 1; i++) {
        length = length * 10 + in.get(i) - '0';
      }
      int end = newline + 1 + length + 2;
      return end <= in.limit() ? end : -1;
    }

    private static String line(ByteBuffer in, int from, int newline) {
      byte[] bytes = new byte[newline - from];
      in.get(from, bytes);
      return new String(bytes, StandardCharsets.UTF_8).strip();
    }
  }
}
