// SPDX-License-Identifier: Apache-2.0
package io.cachewright.store;

import io.cachewright.OutcomeUnknownException;
import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;

/**
 * What became of a change, or of a transaction, that a store was asked to apply.
 *
 * @param <R> what an applied one brings back
 */
public sealed interface Outcome<R> {

  /** Committed. */
  record Applied<R>(R result) implements Outcome<R> {}

  /** Not applied, and never will be as it is: a constraint, a bad value, no permission. */
  record Refused<R>(RefusedException cause) implements Outcome<R> {}

  /** Not applied, for a passing reason: connection, deadlock, timeout. */
  record TryAgain<R>(StoreAwayException cause) implements Outcome<R> {}

  /** Perhaps applied: the connection was lost during commit. */
  record Unknown<R>(OutcomeUnknownException cause) implements Outcome<R> {}

  /**
   * Not applied only because something else in the same call was refused. The caller tries it again
   * in a smaller batch. A store must not say this of a call with a single part.
   */
  record Undone<R>() implements Outcome<R> {}
}
