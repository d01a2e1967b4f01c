// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Log;
import io.netty.channel.SingleThreadEventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Has what an event loop's connections have changed written, and opens their gates.
 *
 * <pre>
 *   the loop: all that can be read ─► commands ─► [ journal: write ] ─► open gates ─► replies
 *                                                        │ not there yet: an fsync
 *                                                        ▼
 *                                             journal's thread ─► the loop: open gates ─► replies
 * </pre>
 *
 * <p>K1: one write of the journal for all commands that the loop has run at once, and one task of
 * the loop for all who wait for an fsync. K2: a gate that waits is opened when the journal has what
 * it waits for, or broken when it never will. On the event loop only.
 */
final class Gatekeeper {
  private final Log log;
  private final SingleThreadEventLoop loop;
  private final ArrayDeque<Gate> waiting = new ArrayDeque<>();

  /** Whether {@link #write} follows when the loop has run what it could read. */
  private boolean writes;

  /** Whether the journal's thread will say something. */
  private boolean waits;

  /** Up to here gates were opened. */
  private long opened;

  Gatekeeper(Log log, SingleThreadEventLoop loop) {
    this.log = log;
    this.loop = loop;
  }

  /** Of the newest record that may be told of. */
  long durable() {
    return log.durable();
  }

  /** There may be something to write. */
  void changed() {
    if (!writes) {
      writes = true;
      loop.executeAfterEventLoopIteration(this::write);
    }
  }

  /** Opens the gate, or breaks it, later. */
  void await(Gate gate) {
    waiting.add(gate);
    changed();
  }

  private void write() {
    writes = false;
    log.write();
    if (opened < log.durable()) {
      open(null);
    }
    waitForJournal();
  }

  /**
   * @param failure why the journal gets no further; null if it does
   */
  private void open(@Nullable Throwable failure) {
    long durable = log.durable();
    opened = durable;
    for (int left = waiting.size(); left > 0; left--) {
      Gate gate = waiting.remove();
      if (gate.awaited() <= durable) {
        gate.open();
      } else if (failure != null) {
        gate.broke(failure);
      } else {
        waiting.add(gate);
      }
    }
  }

  private void waitForJournal() {
    if (!waiting.isEmpty() && !waits) {
      waits = true;
      long least = waiting.stream().mapToLong(Gate::awaited).min().orElseThrow();
      var unused = log.whenDurable(least).whenComplete((done, error) -> openLater(error));
    }
  }

  /** On any thread. */
  private void openLater(@Nullable Throwable failure) {
    try {
      loop.execute(
          () -> {
            waits = false;
            open(failure);
            waitForJournal();
          });
    } catch (RejectedExecutionException e) {
      // the server is closing, and so are the clients' connections
    }
  }
}
