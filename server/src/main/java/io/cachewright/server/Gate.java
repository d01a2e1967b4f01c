// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds replies back until the journal has what they tell of.
 *
 * <pre>
 *   command ─► raise: the newest record it has made or seen
 *   replies ─► put ─► [ bytes, newest ] [ bytes, newest ] ... ─► take, when the journal is there
 * </pre>
 *
 * <p>G1: bytes leave in the order in which they came, and none before the journal has every record
 * that was raised before them: so no crash takes back what a client was told (P1, P3). Commands go
 * on meanwhile: a connection waits once for all that it has asked for. G2: if the journal closes
 * before that, nobody knows what will be there after a restart: none of these replies leaves, and
 * the connection ends. On the connection's event loop only.
 */
final class Gate {

  private record Held(ByteBuf bytes, long newest) {}

  private final @Nullable Gatekeeper keeper;
  private final Runnable opened;
  private final Consumer<Throwable> broken;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private long heldBytes;
  private long newest;
  private boolean waits;

  /**
   * @param keeper null if nothing is logged
   * @param opened is told on the loop when there may be something to {@link #take}
   * @param broken is told on the loop in case of G2, and why
   */
  Gate(@Nullable Gatekeeper keeper, Runnable opened, Consumer<Throwable> broken) {
    this.keeper = keeper;
    this.opened = opened;
    this.broken = broken;
  }

  /** Replies from now on tell of this record. */
  void raise(long sequence) {
    if (sequence > newest) {
      newest = sequence;
      if (keeper != null && sequence > keeper.durable()) {
        keeper.changed();
      }
    }
  }

  /** Takes replies over. */
  void put(ByteBuf bytes) {
    held.add(new Held(bytes, newest));
    heldBytes += bytes.readableBytes();
  }

  /** The oldest replies, if they may leave: they are the caller's. Else {@code opened} follows. */
  @Nullable ByteBuf take() {
    Held first = held.peek();
    if (first == null) {
      return null;
    } else if (keeper != null && first.newest() > keeper.durable()) {
      if (!waits) {
        waits = true;
        keeper.await(this);
      }
      return null;
    }
    held.remove();
    heldBytes -= first.bytes().readableBytes();
    return first.bytes();
  }

  /** The record that the oldest replies wait for; 0 if there are none. */
  long awaited() {
    Held first = held.peek();
    return first == null ? 0 : first.newest();
  }

  /** The journal has it. */
  void open() {
    waits = false;
    opened.run();
  }

  /** G2. */
  void broke(Throwable failure) {
    waits = false;
    broken.accept(failure);
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  /** How many bytes are held. */
  long bytes() {
    return heldBytes;
  }

  void release() {
    held.forEach(each -> each.bytes().release());
    held.clear();
  }
}
