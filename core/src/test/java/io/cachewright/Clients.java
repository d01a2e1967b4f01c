// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads of a test that do something at once. */
public final class Clients implements AutoCloseable {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  public <T> Future<T> start(Callable<T> work) {
    return threads.submit(work);
  }

  public <T> List<Future<T>> start(int number, Callable<T> work) {
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      futures.add(threads.submit(work));
    }
    return futures;
  }

  public static <T> T end(Future<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
