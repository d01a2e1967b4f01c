// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stores that can change together, in one transaction: the tables of a database. */
public interface StoreGroup {

  /**
   * Applies transactions. Each is applied whole or not at all; one transaction of the database may
   * hold many of them. Changes of one key keep their order, and so do the changes in a transaction.
   *
   * @return an outcome per transaction, in the same order; an applied one has a {@link Written} per
   *     change. An exception counts as {@link Outcome.Refused} of all of them, an {@link Error} as
   *     {@link Outcome.Unknown}
   */
  List<Outcome<List<Written<?>>>> apply(List<Transaction> transactions);

  /** What write-behind flushes to; null (the default) if this group cannot note positions. */
  default @Nullable FlushTarget flushTarget() {
    return null;
  }
}
