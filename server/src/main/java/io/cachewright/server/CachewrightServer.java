// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cachewright as a Redis server: any Redis client, in any language, reads and writes its keyspaces.
 *
 * <pre>{@code
 * Catalog catalog = new Catalog(cache);
 * catalog.addTable("users", Catalog.Format.HASH);
 * try (CachewrightServer server = CachewrightServer.builder(catalog).port(6380).start()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Thread-safe. Close it before its {@link Cachewright}.
 */
public final class CachewrightServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CachewrightServer.class);
  private static final int BACKLOG = 1024;
  private static final int CLOSE_SECONDS = 5;

  private final EventLoopGroup loops;
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Channel listener;
  private final Service service;

  private CachewrightServer(Builder builder) {
    this.service = new Service(builder.catalog, builder.limits, builder.passwords, builder.meters);
    boolean epoll = !builder.nio && Epoll.isAvailable();
    IoHandlerFactory io = epoll ? KeptInEpoll.newFactory() : NioIoHandler.newFactory();
    this.loops =
        new MultiThreadIoEventLoopGroup(
            builder.eventLoops, new DefaultThreadFactory("cachewright-server"), io);
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(
                    builder.limits.maxUnsent() / 2, builder.limits.maxUnsent()))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.add(channel);
                    channel.pipeline().addLast(new Connection(service));
                  }
                })
            .bind(new InetSocketAddress(builder.host, builder.port))
            .awaitUninterruptibly();
    Throwable fault = bound.cause();
    if (fault != null) {
      stop(loops);
      service.close();
      throw cannotListen(builder, fault);
    }
    this.listener = bound.channel();
    listener.pipeline().addLast(new Unaccepted(service));
    service.port(port());
    log.info("listening on {} ({})", listener.localAddress(), epoll ? "epoll" : "NIO");
  }

  private static ConfigurationException cannotListen(Builder builder, Throwable fault) {
    String where = builder.host + ":" + builder.port;
    return new ConfigurationException(
        "cannot listen on "
            + where
            + ": "
            + (fault instanceof UnresolvedAddressException
                ? "the host's name cannot be resolved; give a name that this machine knows, or an"
                    + " address"
                : fault.getMessage())
            + ". If another program has the port, stop it or choose another port (0 takes a free"
            + " one); if the address is not this machine's, choose one that is",
        fault);
  }

  /** Last on the listener, behind Netty's own handler, which accepts again after a second. */
  private static final class Unaccepted extends ChannelInboundHandlerAdapter {
    private final Service service;

    Unaccepted(Service service) {
      this.service = service;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.warn(
          "a connection could not be accepted, and waits: {}; {} are open. If there are too many"
              + " open files, raise the limit (ulimit -n, LimitNOFILE of systemd), or let clients"
              + " open fewer connections",
          cause.getMessage(),
          service.connections());
    }
  }

  /** A server that is not started yet. */
  public static Builder builder(Catalog catalog) {
    return new Builder(catalog);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  public int port() {
    return address().getPort();
  }

  /** How many clients are connected. */
  public int connections() {
    return service.connections();
  }

  /** Stops listening and closes every connection. */
  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    stop(loops);
    service.close();
  }

  private static void stop(EventLoopGroup loops) {
    loops
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  /** Settings of a server. None is required. */
  public static final class Builder {
    private final Catalog catalog;
    private final List<String> passwords = new ArrayList<>();
    private String host = "127.0.0.1";
    private int port = 6380;
    private int eventLoops = 1;
    private boolean nio;
    private Limits limits = Limits.DEFAULT;
    private MeterRegistry meters = new SimpleMeterRegistry();

    private Builder(Catalog catalog) {
      this.catalog = catalog;
    }

    /** The address to listen on. Default 127.0.0.1, which only this machine can reach. */
    public Builder host(String next) {
      host = next;
      return this;
    }

    /** Default 6380; 0 takes a free one. */
    public Builder port(int next) {
      port = next;
      return this;
    }

    /** A password that clients may log in with; with none, they need not log in. */
    public Builder password(@Nullable String next) {
      if (next != null && !next.isEmpty()) {
        passwords.add(next);
      }
      return this;
    }

    public Builder limits(Limits next) {
      limits = next;
      return this;
    }

    /** How many threads serve connections. Default 1, which answers more than most networks ask. */
    public Builder eventLoops(int next) {
      if (next < 1 || next > 1024) {
        throw new ConfigurationException("eventLoops must be from 1 to 1024, was " + next);
      }
      eventLoops = next;
      return this;
    }

    /** Uses the JDK's sockets even where epoll is to be had. */
    public Builder nio() {
      nio = true;
      return this;
    }

    /** Where metrics go. */
    public Builder meters(MeterRegistry next) {
      meters = next;
      return this;
    }

    /**
     * Listens.
     *
     * @throws ConfigurationException if it cannot: the message says why and what to do
     */
    public CachewrightServer start() {
      return new CachewrightServer(this);
    }
  }
}
