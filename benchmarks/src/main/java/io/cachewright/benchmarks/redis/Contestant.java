// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import redis.embedded.RedisExecProvider;

/** A server in a process of its own, on a port of its own. */
final class Contestant implements AutoCloseable {
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(30);

  private final String name;
  private final Process process;
  private final int port;
  private final BufferedReader out;
  private final BufferedWriter in;

  private Contestant(String name, Process process, BufferedReader out, int port) {
    this.name = name;
    this.process = process;
    this.out = out;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.port = port;
  }

  /** Cachewright with nothing but plain keys, as {@link ServerProcess} starts it. */
  static Contestant cachewright(List<String> jvmOptions) throws IOException {
    return java(jvmOptions, List.of());
  }

  /** Cachewright as a configuration has it, which lets it choose a port. */
  static Contestant cachewright(List<String> jvmOptions, Path configuration) throws IOException {
    return java(jvmOptions, List.of(configuration.toString()));
  }

  private static Contestant java(List<String> jvmOptions, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    // Without these two a profile blames the next safepoint for what was done before it.
    command.add("-XX:+UnlockDiagnosticVMOptions");
    command.add("-XX:+DebugNonSafepoints");
    command.add("-Dlogback.configurationFile=benchmarks-logback.xml");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(ServerProcess.class.getName());
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader out = reader(process);
    String port = out.readLine();
    if (port == null) {
      throw new IOException("the server process ended before it listened: " + command);
    }
    return new Contestant("Cachewright", process, out, Integer.parseInt(port.trim()));
  }

  /** redis-server, from a jar, that keeps nothing on disk. */
  static Contestant redis() throws IOException {
    return redis(List.of("--appendonly", "no"));
  }

  /**
   * redis-server, from a jar, that logs each write.
   *
   * @param appendfsync when it forces them, in its words
   */
  static Contestant redis(Path directory, String appendfsync) throws IOException {
    return redis(
        List.of(
            "--dir", directory.toString(), "--appendonly", "yes", "--appendfsync", appendfsync));
  }

  private static Contestant redis(List<String> options) throws IOException {
    int port = freePort();
    File executable = RedisExecProvider.defaultProvider().get();
    List<String> command = new ArrayList<>();
    command.addAll(List.of(executable.getPath(), "--bind", "127.0.0.1"));
    command.addAll(List.of("--port", Integer.toString(port), "--save", ""));
    command.addAll(List.of("--loglevel", "warning"));
    command.addAll(options);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader out = reader(process);
    awaitListening(process, port);
    return new Contestant("redis-server", process, out, port);
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(Process process, int port) throws IOException {
    long end = System.nanoTime() + STARTS_WITHIN.toNanos();
    while (process.isAlive() && System.nanoTime() - end < 0) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException notYet) {
        Thread.onSpinWait();
      }
    }
    throw new IOException("redis-server does not listen on port " + port);
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /** Sends a line to {@link ServerProcess} and waits for its answer. */
  void tell(String line) {
    try {
      in.write(line + "\n");
      in.flush();
      if (out.readLine() == null) {
        throw new IOException(name + " ended");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close(); // ends ServerProcess
    if (name.equals("redis-server")) {
      process.destroy();
    }
    try {
      if (process.waitFor(STARTS_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
