// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.JournalException;
import io.cachewright.journal.Acknowledgement;
import io.cachewright.store.Change;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be known and done of a transaction's writes before it is logged. Each write comes this
 * way, and mostly alone: so no iterators are made.
 */
final class LoggedWrites {

  private LoggedWrites() {}

  /** Those that are logged; the others change the cache only. */
  static List<? extends Write<?, ?>> logged(List<? extends Write<?, ?>> writes) {
    for (int i = 0; i < writes.size(); i++) {
      if (!writes.get(i).space().isLogged()) {
        return writes.stream().filter(each -> each.space().isLogged()).toList();
      }
    }
    return writes;
  }

  /** See {@link Write#resolved}. */
  static List<? extends Write<?, ?>> resolved(List<? extends Write<?, ?>> writes) {
    for (int i = 0; i < writes.size(); i++) {
      if (!writes.get(i).isResolved()) {
        return writes.stream().map(Write::resolved).toList();
      }
    }
    return writes;
  }

  /** As {@link #afterRemovals}, for those who do not ask for an acknowledgement. */
  static Acknowledgement removing(List<? extends Write<?, ?>> writes, Log log) {
    Runnable afterwards = afterRemovals(writes, log);
    return afterwards == null
        ? Acknowledgement.NONE
        : new Acknowledgement() {
          @Override
          public void durable(long sequence) {
            afterwards.run();
          }

          @Override
          public void failed(long sequence, JournalException cause) {}
        };
  }

  /** What is to be done once removals from record keyspaces are on disk; null if there are none. */
  static @Nullable Runnable afterRemovals(List<? extends Write<?, ?>> writes, Log log) {
    List<Recorded<?, ?>> spaces = null;
    for (int i = 0; i < writes.size(); i++) {
      Write<?, ?> write = writes.get(i);
      if (write.change() instanceof Change.Remove
          && write.space().logged() instanceof Recorded<?, ?> recorded) {
        spaces = spaces == null ? new ArrayList<>(1) : spaces;
        spaces.add(recorded);
      }
    }
    List<Recorded<?, ?>> removed = spaces;
    return removed == null ? null : () -> forgetRemoved(removed, log);
  }

  private static void forgetRemoved(List<Recorded<?, ?>> spaces, Log log) {
    log.engine()
        .runLocked(
            () -> {
              spaces.forEach(space -> space.forgetRemoved(log.durable()));
            });
  }
}
