// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeptInEpollTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /** More than sockets hold: what is written has to wait for room. */
  private static final int LARGE = 50_000_000;

  /** Answers the end of a client's input, when nothing is waited for any more. */
  private static final class Answering extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        var unused = ctx.executor().schedule(() -> answer(ctx), 50, TimeUnit.MILLISECONDS);
      }
    }

    private static void answer(ChannelHandlerContext ctx) {
      var unused =
          ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[LARGE]))
              .addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Test
  void whatIsWrittenWhenNothingWasWaitedForGoesOut() throws Exception {
    boolean epoll = Epoll.isAvailable();
    var loops =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? KeptInEpoll.newFactory() : NioIoHandler.newFactory());
    try {
      Channel listener =
          new ServerBootstrap()
              .group(loops)
              .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
              .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
              .childHandler(new Answering())
              .bind(new InetSocketAddress(LOOPBACK, 0))
              .sync()
              .channel();
      int port = ((InetSocketAddress) listener.localAddress()).getPort();
      try (Socket client = new Socket(LOOPBACK, port)) {
        client.setSoTimeout(30_000);
        client.shutdownOutput();
        assertThat(client.getInputStream().readAllBytes()).hasSize(LARGE);
      }
    } finally {
      loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
    }
  }
}
