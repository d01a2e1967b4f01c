// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

/**
 * The engine's clock and the calendar's at one moment.
 *
 * @param nanos the engine's
 * @param millis since 1970
 */
record Clocks(long nanos, long millis) {

  static Clocks now(Clock clock) {
    return new Clocks(clock.nanos(), System.currentTimeMillis());
  }

  /** When the entry expires, in milliseconds since 1970; 0: never. */
  long until(Entry<?> entry) {
    long end = entry.expiresAt();
    return end == Entry.NEVER ? 0 : Math.max(1, millis + (end - nanos) / 1_000_000);
  }
}
