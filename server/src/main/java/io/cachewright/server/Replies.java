// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The replies of a connection, in the order of its commands, although some are known later than
 * those after them.
 *
 * <pre>
 *   ready │ slot: waits ─ after │ slot: waits ─ after │ ...
 *   ready to be sent    └ replies of the commands behind it that were known at once
 * </pre>
 *
 * <p>R1: bytes enter {@link #ready} in the order of their commands. R2: nothing is encoded before
 * it must be, so that an answer that waits, or that a slow reader has no room for, costs its rows
 * and no bytes. On the event loop only.
 */
final class Replies {

  /** The place of a reply that is not known yet. */
  static final class Slot {
    private @Nullable Answer answer;
    private @Nullable ByteBuf after;

    /** Whether its client wants no reply to it. */
    private final boolean silent;

    /** The version of the protocol in which it was asked for. */
    private final int version;

    private Slot(boolean silent, int version) {
      this.silent = silent;
      this.version = version;
    }

    boolean isFilled() {
      return answer != null;
    }
  }

  /** When so many bytes are ready, no answer more is encoded before they are taken. */
  private static final int READY_MAX = 64 << 10;

  private final ByteBufAllocator allocator;
  private final RespWriter writer;
  private final ArrayDeque<Slot> slots = new ArrayDeque<>();
  private ByteBuf ready;
  private long held;

  Replies(ByteBufAllocator allocator) {
    this.allocator = allocator;
    this.ready = allocator.buffer(0);
    this.writer = new RespWriter(ready);
  }

  /** Writes the reply of the newest command. */
  RespWriter writer() {
    return writer;
  }

  /** How many replies are not known yet, or come after one that is not, or are not encoded. */
  int waiting() {
    return slots.size();
  }

  /** Bytes encoded and not yet taken. */
  long bytes() {
    return ready.readableBytes() + held;
  }

  /** The newest command's reply will be known later. */
  Slot reserve(boolean silent) {
    Slot slot = new Slot(silent, writer.version());
    slots.add(slot);
    return slot;
  }

  /** Turns the writer to where the next command's reply belongs. */
  void next() {
    Slot last = slots.peekLast();
    if (last == null) {
      writer.to(ready);
      return;
    }
    ByteBuf after = last.after;
    if (after == null) {
      after = allocator.buffer();
      last.after = after;
    }
    writer.to(after);
  }

  /** The newest command's reply was written, from this index on. */
  void written(int from) {
    if (!slots.isEmpty()) {
      held += writer.buffer().writerIndex() - from;
    }
  }

  /** A slot's reply is known. */
  void fill(Slot slot, Answer answer) {
    slot.answer = answer;
  }

  private void encode() {
    int version = writer.version();
    Slot first = slots.peek();
    while (first != null && first.answer != null && ready.readableBytes() < READY_MAX) {
      writer.to(ready);
      int from = ready.writerIndex();
      writer.version(first.version);
      first.answer.write(writer);
      if (first.silent) {
        ready.writerIndex(from);
      }
      if (first.after != null) {
        held -= first.after.readableBytes();
        ready.writeBytes(first.after);
        first.after.release();
      }
      slots.remove();
      first = slots.peek();
    }
    writer.version(version);
  }

  /** Whether all has been taken. */
  boolean isEmpty() {
    return slots.isEmpty() && !ready.isReadable();
  }

  /**
   * What is ready to be sent, or some of it; the caller owns it from now on. Null if there is
   * nothing.
   */
  @Nullable ByteBuf take() {
    encode();
    if (!ready.isReadable()) {
      return null;
    }
    ByteBuf taken = ready;
    ready = allocator.buffer(0);
    writer.to(ready);
    return taken;
  }

  void release() {
    ready.release();
    slots.forEach(
        slot -> {
          if (slot.after != null) {
            slot.after.release();
          }
        });
    slots.clear();
  }
}
