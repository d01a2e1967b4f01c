// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import io.cachewright.Cachewright;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.serve.Serving;
import io.cachewright.server.CachewrightServer;
import io.cachewright.server.Catalog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a JVM that is nothing but a server: of plain keys, or as the configuration has
 * it that is its argument. It prints its port. Then it takes lines: {@code record} begins a flight
 * recording, {@code dump FILE} ends and writes it and is answered with a line; the end of its input
 * ends it, so that it never outlives its parent.
 */
final class ServerProcess {
  private static final Duration SAMPLE_EVERY = Duration.ofMillis(10);

  private ServerProcess() {}

  public static void main(String... args) throws IOException {
    if (args.length == 0) {
      plain();
    } else {
      configured(Path.of(args[0]));
    }
    System.exit(0);
  }

  private static void plain() throws IOException {
    try (Cachewright cache = Cachewright.builder().open();
        CachewrightServer server = CachewrightServer.builder(new Catalog(cache)).port(0).start()) {
      serve(server.port());
    }
  }

  private static void configured(Path file) throws IOException {
    Configuration configuration = ConfigurationReader.read(file, Map.of(), Map.of());
    try (Serving serving = Serving.start(configuration)) {
      serve(serving.port());
    }
  }

  private static void serve(int port) throws IOException {
    System.out.println(port);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Recording recording = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals("record")) {
        recording = new Recording();
        recording.enable("jdk.ExecutionSample").withPeriod(SAMPLE_EVERY);
        recording.start();
      } else {
        dump(recording, line.substring("dump ".length()));
      }
      System.out.println("done");
    }
  }

  private static void dump(@Nullable Recording recording, String file) throws IOException {
    if (recording == null) {
      throw new IllegalStateException("dump before record");
    }
    recording.stop();
    recording.dump(Path.of(file));
    recording.close();
  }
}
