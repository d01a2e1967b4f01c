// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

/** Time as a seam: {@code System::nanoTime} in use, moved by hand in tests. */
@FunctionalInterface
public interface Clock {

  /** Nanoseconds since some fixed moment. Compare by difference. */
  long nanos();
}
