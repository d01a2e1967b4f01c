// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that has a journal open, and has acknowledged a record, until it is killed. */
final class LockHolder {
  static final String READY = "ready";

  private LockHolder() {}

  @SuppressWarnings("resource") // it is killed
  public static void main(String... arguments) throws InterruptedException {
    Journal journal = Journal.open(new FileDisk(Path.of(arguments[0])), Records.SMALL);
    Records.append(journal, "of the child");
    System.out.println(READY);
    new CountDownLatch(1).await();
  }
}
