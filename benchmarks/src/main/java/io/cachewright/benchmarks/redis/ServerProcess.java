// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import io.cachewright.Cachewright;
import io.cachewright.server.CachewrightServer;
import io.cachewright.server.Catalog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a JVM that is nothing but a server of plain keys. It prints its port. Then it
 * takes lines: {@code record} begins a flight recording, {@code dump FILE} ends and writes it and
 * is answered with a line; the end of its input ends it, so that it never outlives its parent.
 */
final class ServerProcess {
  private static final Duration SAMPLE_EVERY = Duration.ofMillis(10);

  private ServerProcess() {}

  public static void main(String... args) throws IOException {
    try (Cachewright cache = Cachewright.builder().open();
        CachewrightServer server = CachewrightServer.builder(new Catalog(cache)).port(0).start();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println(server.port());
      serve(lines);
    }
    System.exit(0);
  }

  private static void serve(BufferedReader lines) throws IOException {
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
