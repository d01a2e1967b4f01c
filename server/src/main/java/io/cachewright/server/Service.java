// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Engine;
import io.cachewright.engine.Log;
import io.cachewright.engine.Meters;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What all connections of a server share. Thread-safe. */
final class Service {
  private final Catalog catalog;
  private final Limits limits;
  private final List<byte[]> passwords;
  private final Meters meters;
  private final CommandTable commands;
  private final WallClock clock;
  private final Scans scans = new Scans();
  private final long beganMillis;
  private final AtomicLong nextId = new AtomicLong();
  private final ConcurrentHashMap<Long, Session> sessions = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<EventLoop, Gatekeeper> gatekeepers = new ConcurrentHashMap<>();
  private volatile int port;

  final LongAdder connectionsReceived = new LongAdder();
  final LongAdder connectionsRefused = new LongAdder();
  final LongAdder bytesIn = new LongAdder();
  final LongAdder bytesOut = new LongAdder();
  final LongAdder protocolErrors = new LongAdder();

  Service(Catalog catalog, Limits limits, Collection<String> passwords, MeterRegistry registry) {
    this.catalog = catalog;
    this.limits = limits;
    this.passwords = passwords.stream().map(each -> Bytes.of(each).array()).toList();
    this.meters = new Meters(registry);
    this.commands = new CommandTable(Family.all(), meters);
    this.clock = new WallClock(catalog.engine().clock(), System::currentTimeMillis);
    this.beganMillis = clock.millis();
    count("cachewright.connections.received", "connections accepted", connectionsReceived);
    count("cachewright.connections.refused", "connections over the bound", connectionsRefused);
    count("cachewright.bytes.in", "bytes received from clients", bytesIn);
    count("cachewright.bytes.out", "bytes sent to clients", bytesOut);
    count("cachewright.protocol.errors", "connections closed for nonsense", protocolErrors);
    meters.add(
        Gauge.builder("cachewright.connections", sessions, ConcurrentHashMap::size)
                .description("connections now")
            ::register);
  }

  private void count(String name, String description, LongAdder adder) {
    meters.count(name, description, adder, Tags.empty());
  }

  /** Nothing is shown any more. */
  void close() {
    meters.close();
  }

  Catalog catalog() {
    return catalog;
  }

  Engine engine() {
    return catalog.engine();
  }

  /** Of an event loop; null if nothing is logged. */
  @Nullable Gatekeeper gatekeeper(EventLoop loop) {
    Log log = engine().log();
    return log == null
        ? null
        : gatekeepers.computeIfAbsent(
            loop, absent -> new Gatekeeper(log, (SingleThreadEventLoop) loop));
  }

  Limits limits() {
    return limits;
  }

  CommandTable commands() {
    return commands;
  }

  WallClock clock() {
    return clock;
  }

  Scans scans() {
    return scans;
  }

  long beganMillis() {
    return beganMillis;
  }

  int port() {
    return port;
  }

  void port(int next) {
    port = next;
  }

  // ---- login ----

  boolean needsLogin() {
    return !passwords.isEmpty();
  }

  /** Compares with every password in full, so that the time it takes tells nothing. */
  boolean isPassword(byte[] given) {
    boolean any = false;
    for (byte[] password : passwords) {
      any |= MessageDigest.isEqual(password, given);
    }
    return any;
  }

  // ---- who is connected ----

  long nextId() {
    return nextId.incrementAndGet();
  }

  void join(Session session) {
    connectionsReceived.increment();
    sessions.put(session.id(), session);
  }

  void leave(Session session) {
    sessions.remove(session.id());
  }

  List<Session> sessions() {
    List<Session> all = new ArrayList<>(sessions.values());
    all.sort((a, b) -> Long.compare(a.id(), b.id()));
    return all;
  }

  int connections() {
    return sessions.size();
  }
}
