// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.server.Plan.Spot;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Something of a connection that may have to wait for the database. See {@link WorkQueue}. */
interface Work {

  /** What it must wait for. */
  enum Kind {
    /** Reads: sees every write before it. */
    READ,
    /** Writes whatever is there: waits for nothing but earlier reads of its keys. */
    WRITE,
    /** Reads and writes the same keys: waits for earlier work on these. */
    CHANGE,
    /**
     * A transaction: sees every write before it, and nothing behind it overtakes it on its keys.
     */
    TRANSACTION
  }

  Kind kind();

  /** The keys it reads or writes. */
  Collection<Spot> spots();

  /**
   * Does it if nothing need be waited for but the journal, for which its connection's {@link Gate}
   * is told to wait. Null if it has to {@link #start}: then nothing was done.
   */
  default @Nullable Answer now() {
    return null;
  }

  /** Begins it. An error of any kind comes by the future. */
  CompletableFuture<Answer> start();
}
