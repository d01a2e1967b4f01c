// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import io.cachewright.app.Failure;
import io.cachewright.app.Main;
import io.cachewright.app.config.Setting;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code cachewright serve} in a process of its own, so that it can be killed. */
final class CrashServer implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening +127\\.0\\.0\\.1:([0-9]+)");
  private static final int STOP_SECONDS = 30;

  private final Process process;
  private final int port;

  private CrashServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it, and waits until it serves.
   *
   * @param configuration its file
   * @param errors where its log goes
   * @param login what is not in the file: it is given by variables, which others cannot see
   */
  static CrashServer start(Path configuration, Path errors, Map<Setting<?>, String> login)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+UseParallelGC");
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED"); // as ./cachewright does
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("serve", "--config", configuration.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("CACHEWRIGHT_"));
    login.forEach((setting, text) -> builder.environment().put(setting.variable(), text));
    Process process = builder.start();
    try {
      return new CrashServer(process, portOf(process, errors));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** From its banner, of which nothing more is read: it fits in a pipe. */
  private static int portOf(Process process, Path errors) throws IOException {
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher matcher = LISTENING.matcher(line);
      if (matcher.find()) {
        return Integer.parseInt(matcher.group(1));
      }
    }
    throw Failure.failed("the server did not start: " + Files.readString(errors).strip());
  }

  RespClient connect() throws IOException {
    return new RespClient("127.0.0.1", port);
  }

  /** Ends it as {@code kill -9} does: it can do nothing about it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Ends it in good order: it flushes what waits. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
      throw Failure.failed("the server did not stop within " + STOP_SECONDS + " s");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
