// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import io.cachewright.engine.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that a test moves. */
public final class HandClock implements Clock {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // overflow must not matter

  public void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Override
  public long nanos() {
    return now.get();
  }
}
