// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.NotAllowedException;
import io.cachewright.store.Change;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who acknowledges a transaction: its stores, the log, or, if both are null, nobody but memory.
 *
 * @param inserts whether it has inserts that are logged: they have to become puts, or nothing,
 *     first
 */
record Route(@Nullable WriteThrough committer, @Nullable Log logged, boolean inserts) {

  /**
   * @throws NotAllowedException if its changes cannot be made together
   */
  static Route of(List<? extends Write<?, ?>> writes) {
    Space<?, ?> through = null;
    Space<?, ?> logged = null;
    int inStore = 0;
    boolean inserts = false;
    for (Write<?, ?> write : writes) {
      write.checkAllowed();
      if (write.space().isLogged()) {
        logged = write.space();
        inserts |= write.change() instanceof Change.Insert;
      } else if (write.reachesStore()) {
        inStore++;
        if (through == null) {
          through = write.space();
        } else if (through.committer() != write.space().committer()) {
          throw apart(through, write.space(), "their stores share no transactions");
        }
      }
    }
    if (through != null && logged != null) {
      throw apart(through, logged, "one is acknowledged by its store, the other by the journal");
    }
    WriteThrough committer = through == null ? null : through.committer();
    if (through != null && committer != null && inStore > 1 && !committer.transactions()) {
      throw new NotAllowedException(
          "keyspace "
              + through.name()
              + ": its store has no transactions, so only one change at a time can be made");
    }
    return new Route(committer, logOf(logged), inserts);
  }

  private static @Nullable Log logOf(@Nullable Space<?, ?> space) {
    Logged<?, ?> logged = space == null ? null : space.logged();
    return logged == null ? null : logged.log();
  }

  private static NotAllowedException apart(Space<?, ?> one, Space<?, ?> other, String why) {
    return new NotAllowedException(
        "a transaction cannot change keyspaces "
            + one.name()
            + " and "
            + other.name()
            + " together: "
            + why);
  }
}
