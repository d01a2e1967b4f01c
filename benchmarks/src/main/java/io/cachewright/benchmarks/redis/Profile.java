// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where a server's processor time goes. How much the kernel took, and each thread, is known from
 * /proc, which counts it; the rest is told apart by samples of our threads' stacks (JFR takes them
 * in Java code only).
 */
final class Profile {
  private static final int FRAMES_SHOWN = 15;
  private static final int THREADS_SHOWN = 8;
  private static final String THREADS = "cachewright-";

  /** Keys are compared and hashed by whoever looks for one: that is whose time it is. */
  private static final String KEYS = "io.cachewright.server.Bytes";

  /** The first that matches a frame, from the innermost out, is the part a sample belongs to. */
  private static final Map<String, List<String>> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("decode", List.of("io.cachewright.server.RespDecoder"));
    PARTS.put(
        "reply", List.of("io.cachewright.server.RespWriter", "io.cachewright.server.Replies"));
    PARTS.put("command", List.of("io.cachewright.server"));
    PARTS.put("caffeine", List.of("com.github.benmanes.caffeine"));
    PARTS.put("journal", List.of("io.cachewright.journal"));
    PARTS.put("values", List.of("io.cachewright.store"));
    PARTS.put("jdbc", List.of("io.cachewright.jdbc", "org.postgresql", "com.zaxxer"));
    PARTS.put("core", List.of("io.cachewright"));
    PARTS.put("netty", List.of("io.netty"));
  }

  private final Map<String, Integer> parts = new LinkedHashMap<>();
  private final Map<String, Integer> frames = new HashMap<>();
  private int samples;

  private Profile() {}

  static Profile read(Path recording) throws IOException {
    Profile profile = new Profile();
    PARTS.keySet().forEach(part -> profile.parts.put(part, 0));
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getThread("sampledThread") != null
            && String.valueOf(event.getThread("sampledThread").getJavaName()).startsWith(THREADS)) {
          profile.add(event.getStackTrace());
        }
      }
    }
    return profile;
  }

  private void add(RecordedStackTrace stack) {
    samples++;
    frames.merge(name(stack.getFrames().get(0)), 1, Integer::sum);
    for (RecordedFrame frame : stack.getFrames()) {
      String type = frame.getMethod().getType().getName();
      if (type.equals(KEYS)) {
        continue;
      }
      for (Map.Entry<String, List<String>> part : PARTS.entrySet()) {
        if (part.getValue().stream().anyMatch(type::startsWith)) {
          parts.merge(part.getKey(), 1, Integer::sum);
          return;
        }
      }
    }
    parts.merge("other", 1, Integer::sum);
  }

  private static String name(RecordedFrame frame) {
    String type = frame.getMethod().getType().getName();
    return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
  }

  /**
   * @param times of the server while it was recorded
   * @param requests answered meanwhile
   */
  void print(String what, ThreadTimes times, long requests, PrintWriter out) {
    CpuTime cpu = times.process();
    double all = Math.max(1e-9, cpu.all());
    out.println();
    line(out, "Profile of %s: %,d samples, %,d requests", what, samples, requests);
    line(out, "  %-10s %5.1f %%  (system calls)", "kernel", 100 * cpu.system() / all);
    double user = 100 * cpu.user() / all;
    parts.forEach(
        (part, count) -> line(out, "  %-10s %5.1f %%", part, user * count / Math.max(1, samples)));
    line(
        out,
        "  %.2f us of processor time per request, %.2f of it in the kernel",
        all * 1e6 / requests,
        cpu.system() * 1e6 / requests);
    line(out, "  threads:");
    times.threads().entrySet().stream()
        .sorted(Comparator.comparingDouble(each -> -each.getValue().all()))
        .limit(THREADS_SHOWN)
        .forEach(
            each ->
                line(
                    out,
                    "  %5.1f %%  %s, %.0f %% of it in the kernel",
                    100 * each.getValue().all() / all,
                    each.getKey(),
                    100 * each.getValue().system() / Math.max(1e-9, each.getValue().all())));
    line(out, "  hottest methods (share of samples in Java):");
    frames.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(FRAMES_SHOWN)
        .forEach(
            each -> line(out, "  %5.1f %%  %s", 100.0 * each.getValue() / samples, each.getKey()));
    out.flush();
  }

  private static void line(PrintWriter out, String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
