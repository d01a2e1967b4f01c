// SPDX-License-Identifier: Apache-2.0
package io.cachewright.journal;

import io.cachewright.JournalException;

/**
 * What happens once a record is as safe as {@link Durability} promises. Called by the journal's one
 * thread, in the order of sequences: short, and without waiting for anything.
 */
public interface Acknowledgement {
  /** For those who do not ask. */
  Acknowledgement NONE =
      new Acknowledgement() {
        @Override
        public void durable(long sequence) {}

        @Override
        public void failed(long sequence, JournalException cause) {}
      };

  void durable(long sequence);

  /** The journal has closed for good. The record may or may not be there after a restart. */
  void failed(long sequence, JournalException cause);
}
