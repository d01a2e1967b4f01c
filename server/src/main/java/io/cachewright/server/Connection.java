// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: bytes in, commands run, replies out.
 *
 * <pre>
 *   bytes ─► RespDecoder ─► Dispatcher ─► Replies ─► bytes, one flush for all that was read at once
 * </pre>
 *
 * <p>C1: nothing here waits: a command that needs the database leaves a slot in {@link Replies}.
 * C2: while too many commands are unanswered, or too many bytes unsent, or work on plain keys is
 * not done (it waits for room in the journal, or for rows of its transaction), nothing more is
 * decoded or read (P3, P7). C3: after a protocol error, or QUIT, or the end of what the client
 * sends, the replies so far are sent and the connection closes. Everything runs on its event loop.
 */
final class Connection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  /** Replies are handed to the socket when there are so many bytes, even amid a batch. */
  private static final int HAND_OVER_BYTES = 64 << 10;

  private final Service service;
  private final RespDecoder decoder;
  private @Nullable ByteBuf received;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Session session;
  private @Nullable Replies replies;
  private @Nullable Dispatcher dispatcher;
  private @Nullable Gate gate;
  private boolean processing;
  private boolean inputEnded;
  private boolean ended;

  Connection(Service service) {
    this.service = service;
    this.decoder = new RespDecoder(service.limits());
  }

  // ---- life ----

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (service.connections() >= service.limits().maxConnections()) {
      service.connectionsRefused.increment();
      ByteBuf refusal = ctx.alloc().buffer();
      new RespWriter(refusal)
          .error(
              "ERR max number of clients reached: maxConnections is "
                  + service.limits().maxConnections());
      ended = true;
      ctx.writeAndFlush(refusal).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    context = ctx;
    Session joined =
        new Session(
            service.nextId(),
            address(ctx.channel().remoteAddress()),
            address(ctx.channel().localAddress()),
            service.clock().millis());
    joined.loggedIn(!service.needsLogin());
    decoder.loggedIn(joined.isLoggedIn());
    session = joined;
    Replies ordered = new Replies(ctx.alloc());
    replies = ordered;
    WorkQueue work =
        new WorkQueue(
            ctx.executor(),
            (slot, answer) -> {
              if (!ended) {
                ordered.fill((Replies.Slot) slot, answer);
              }
            },
            this::answered);
    Gate replyGate =
        new Gate(service.gatekeeper(ctx.channel().eventLoop()), this::answered, this::journalBroke);
    gate = replyGate;
    dispatcher = new Dispatcher(service, joined, ordered, work, replyGate);
    service.join(joined);
  }

  private static String address(@Nullable Object address) {
    String text = String.valueOf(address);
    return text.substring(text.indexOf('/') + 1);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended = true;
    if (received != null) {
      received.release();
      received = null;
    }
    if (session != null) {
      session.transaction().end();
      service.leave(session);
    }
    if (replies != null) {
      replies.release();
      replies = null;
    }
    if (gate != null) {
      gate.release();
      gate = null;
    }
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do if closing fails
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      log.debug("connection {} broke: {}", session == null ? "?" : session.id(), cause.toString());
    } else {
      log.error("connection {} is closed", session == null ? "?" : session.id(), cause);
    }
    ctx.close();
  }

  /** G2 of {@link Gate}: the first of the replies that wait is the reason, and the last. */
  private void journalBroke(Throwable failure) {
    ChannelHandlerContext ctx = context;
    if (!ended && ctx != null) {
      ended = true;
      ByteBuf reason = ctx.alloc().buffer();
      new RespWriter(reason).error(Errors.line(failure));
      ctx.writeAndFlush(reason).addListener(ChannelFutureListener.CLOSE);
    }
  }

  // ---- bytes in ----

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (ended) {
      bytes.release();
      return;
    }
    service.bytesIn.add(bytes.readableBytes());
    received =
        received == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), received, bytes);
    process();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    finishBatch();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      resume();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    resume();
  }

  /** Some answers have come: sends them, and goes on where C2 had stopped. On the event loop. */
  private void answered() {
    if (!ended) {
      resume();
    }
  }

  private void resume() {
    if (!processing && !ended) {
      process();
      finishBatch();
    }
  }

  /** Runs the commands that have been received, as far as C2 allows. */
  private void process() {
    ByteBuf in = received;
    Session present = session;
    Dispatcher run = dispatcher;
    if (processing || in == null || present == null || run == null) {
      return;
    }
    processing = true;
    try {
      while (!ended && !present.isClosing() && !isFull()) {
        byte[][] words = decoder.decode(in);
        if (words == null) {
          break;
        }
        run.dispatch(words);
        decoder.loggedIn(present.isLoggedIn());
        if (replies != null && replies.bytes() >= HAND_OVER_BYTES) {
          handOver();
        }
      }
    } catch (ProtocolError e) {
      fail(e);
    } catch (OutOfMemoryError e) {
      fail(new ProtocolError("there is no memory for this command"));
    } finally {
      processing = false;
    }
    if (received != null && (!received.isReadable() || present.isClosing())) {
      received.release();
      received = null;
    }
  }

  /** C3. */
  private void fail(ProtocolError error) {
    service.protocolErrors.increment();
    log.debug("connection {}: {}", session == null ? "?" : session.id(), error.getMessage());
    if (dispatcher != null && session != null) {
      dispatcher.refuse(String.valueOf(error.getMessage()));
      session.close();
    }
  }

  /** C2. */
  private boolean isFull() {
    return replies == null
        || dispatcher == null
        || dispatcher.isPaused()
        || context == null
        || replies.waiting() >= service.limits().maxUnanswered()
        || gate == null
        || replies.bytes() + gate.bytes() >= service.limits().maxUnsent()
        || !context.channel().isWritable();
  }

  // ---- bytes out ----

  /** The end of what was read at once. */
  private void finishBatch() {
    ChannelHandlerContext ctx = context;
    if (ended || ctx == null || dispatcher == null || session == null || replies == null) {
      return;
    }
    dispatcher.startLoads();
    if (inputEnded && !isFull()) { // so what is not decoded is no whole command
      session.close();
    }
    handOver();
    if (session.isClosing() && replies.isEmpty() && (gate == null || gate.isEmpty())) {
      ended = true;
      ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    ctx.flush();
    boolean reads = !isFull() && !session.isClosing();
    if (ctx.channel().config().isAutoRead() != reads) {
      ctx.channel().config().setAutoRead(reads);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
  private void handOver() {
    Gate through = gate;
    ChannelHandlerContext ctx = context;
    if (through == null || ctx == null) {
      return;
    }
    for (boolean more = true; more; ) {
      for (ByteBuf free = through.take(); free != null; free = through.take()) {
        service.bytesOut.add(free.readableBytes());
        ctx.write(free, ctx.voidPromise());
      }
      boolean hasRoom =
          ctx.channel().isWritable() && through.bytes() < service.limits().maxUnsent();
      ByteBuf ready = replies != null && hasRoom ? replies.take() : null;
      more = ready != null;
      if (ready != null) {
        through.put(ready);
      }
    }
  }
}
