// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A server under one load, again and again, and the processor time that this took it. */
final class Trial {

  /** Brings to an end what a load has left behind. */
  @FunctionalInterface
  interface Settling {
    void await() throws IOException;
  }

  private final Load load;
  private final Contestant server;
  private final Load.Mix mix;
  private final Settling settling;
  private CpuTime used = new CpuTime(0, 0);
  private long requests;

  Trial(Load load, Contestant server, Load.Mix mix) {
    this(load, server, mix, () -> {});
  }

  /**
   * @param settling is waited for after each load, so that nothing of it falls into the next, and
   *     is not measured
   */
  Trial(Load load, Contestant server, Load.Mix mix, Settling settling) {
    this.load = load;
    this.server = server;
    this.mix = mix;
    this.settling = settling;
  }

  /** Replies per second. */
  double measure() throws Exception {
    CpuTime before = CpuTime.of(server.pid());
    double perSecond = load.perSecond(server.port(), mix);
    used = used.plus(CpuTime.of(server.pid()).minus(before));
    requests += mix.requests();
    settling.await();
    return perSecond;
  }

  /** In microseconds of processor time, of all that was measured: for a note. */
  String perRequest() {
    double millions = requests / 1e6;
    return String.format(
        Locale.ROOT, "%.2f user + %.2f system", used.user() / millions, used.system() / millions);
  }

  /** Records the server under this load, and settling. What is returned prints it. */
  Runnable profiled(String what, int rounds, PrintWriter out) throws Exception {
    Path file = Files.createTempFile("cachewright", ".jfr");
    try {
      ThreadTimes before = ThreadTimes.of(server.pid());
      server.tell("record");
      for (int round = 0; round < rounds; round++) {
        load.perSecond(server.port(), mix);
        settling.await();
      }
      server.tell("dump " + file);
      ThreadTimes used = ThreadTimes.of(server.pid()).minus(before);
      Profile profile = Profile.read(file);
      long all = (long) mix.requests() * rounds;
      return () -> profile.print(what, used, all, out);
    } finally {
      Files.delete(file);
    }
  }
}
