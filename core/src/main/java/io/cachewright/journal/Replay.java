// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import java.nio.ByteBuffer;

/** Takes the records of a replay, in order. */
@FunctionalInterface
public interface Replay {
  /**
   * @param payload from its position to its limit; big-endian, read-only, and only valid until this
   *     returns
   */
  void record(long sequence, ByteBuffer payload);
}
