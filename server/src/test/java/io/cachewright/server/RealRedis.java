// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.awaitility.Awaitility;
import redis.embedded.RedisExecProvider;

/** A redis-server 7.0.15 in a process of its own, to compare with. */
final class RealRedis implements AutoCloseable {
  private final Process process;
  private final int port;

  RealRedis() {
    try {
      port = freePort();
      process =
          new ProcessBuilder(
                  RedisExecProvider.defaultProvider().get().getPath(),
                  "--bind",
                  "127.0.0.1",
                  "--port",
                  Integer.toString(port),
                  "--save",
                  "",
                  "--appendonly",
                  "no")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(
            () -> {
              try (RespClient client = new RespClient(port)) {
                return client.ask("PING").equals("PONG");
              }
            });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
