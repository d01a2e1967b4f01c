// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The same load for every row of the table: threads as an application has them, each of which now
 * and then writes and otherwise reads, as fast as it is answered. So there are as many reads to a
 * write in every row, and no row has more of its processors taken by readers than another.
 */
final class Load {
  static final int CLIENTS = 16;

  /** Of so many operations one is a write. */
  static final int WRITE_ONCE_IN = 10;

  private static final double SKEW = 0.99;
  private static final long NANOS_MAX = 60_000_000_000L;

  private final Zipf keys = new Zipf(Shop.CUSTOMERS, SKEW);

  /** Makes a thread's client. */
  interface ClientMaker {
    Client make() throws Exception;
  }

  /** What the threads did. */
  record Done(double seconds, Histogram reads, Histogram writes, long hits) {}

  private final class Worker extends Thread {
    private final Client client;
    private final long nanos;
    private final CyclicBarrier begin;
    private final AtomicReference<@Nullable Exception> failure;
    private final Random random;
    private final Histogram reads = new Histogram(NANOS_MAX, 3);
    private final Histogram writes = new Histogram(NANOS_MAX, 3);
    private long hits;

    Worker(Shared shared, Client client, int number) {
      super("shop-" + number);
      this.client = client;
      this.nanos = shared.nanos;
      this.begin = shared.begin;
      this.failure = shared.failure;
      this.random = new Random(number);
    }

    @Override
    public void run() {
      try {
        begin.await();
        long now = System.nanoTime();
        long end = now + nanos;
        while (now < end && failure.get() == null) {
          boolean writes = random.nextInt(WRITE_ONCE_IN) == 0;
          work(keys.next(random), writes);
          long next = System.nanoTime();
          (writes ? this.writes : reads).recordValue(Math.min(next - now, NANOS_MAX));
          now = next;
        }
      } catch (Exception e) {
        failure.compareAndSet(null, e);
      }
    }

    private void work(int customer, boolean writes) throws Exception {
      if (writes) {
        client.write(customer, random.nextInt(1_000));
      } else if (client.read(customer)) {
        hits++;
      }
    }
  }

  /** What the threads of a run share. */
  private record Shared(
      long nanos, CyclicBarrier begin, AtomicReference<@Nullable Exception> failure) {}

  /**
   * Runs it.
   *
   * @throws Exception of the first thread that failed
   */
  Done run(double seconds, ClientMaker maker, Progress progress) throws Exception {
    Shared shared =
        new Shared((long) (seconds * 1e9), new CyclicBarrier(CLIENTS + 1), new AtomicReference<>());
    List<Client> clients = new ArrayList<>();
    try {
      List<Worker> workers = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = maker.make();
        clients.add(client);
        workers.add(new Worker(shared, client, i));
      }
      workers.forEach(Thread::start);
      shared.begin().await();
      long start = System.nanoTime();
      for (Worker worker : workers) {
        while (worker.isAlive()) {
          worker.join(Math.max(1, (long) (seconds * 1_000 / Progress.WIDTH)));
          progress.at((System.nanoTime() - start) / 1e9 / seconds);
        }
      }
      double took = (System.nanoTime() - start) / 1e9;
      Exception failure = shared.failure().get();
      if (failure != null) {
        throw failure;
      }
      return gathered(workers, took);
    } finally {
      for (Client client : clients) {
        client.close();
      }
    }
  }

  private static Done gathered(List<Worker> workers, double seconds) {
    Histogram reads = new Histogram(NANOS_MAX, 3);
    Histogram writes = new Histogram(NANOS_MAX, 3);
    long hits = 0;
    for (Worker worker : workers) {
      reads.add(worker.reads);
      writes.add(worker.writes);
      hits += worker.hits;
    }
    return new Done(seconds, reads, writes, hits);
  }
}
