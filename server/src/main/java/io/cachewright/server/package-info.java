// SPDX-License-Identifier: Apache-2.0
/**
 * The Redis protocol: any Redis client reads and writes keyspaces.
 *
 * <pre>
 *   Connection ─► RespDecoder ─► Dispatcher ─┬─ plain keys ─► a handler, at once ─────────┐
 *                                            └─ rows ─► Plan ─► WorkQueue ─► engine ──────┤
 *        ▲                                                                                │
 *        └──────────────────────────────────── Replies ◄── RespWriter ◄───────────────────┘
 * </pre>
 *
 * <p>Applications start at {@link io.cachewright.server.CachewrightServer} and {@link
 * io.cachewright.server.Catalog}; readers of the code go on with Connection, Dispatcher, Command
 * and then one family of commands, such as HashCommands with RowCommands. Thread-safe: what a
 * server's connections share (Service, Catalog, Scans). The rest belongs to one connection's event
 * loop.
 *
 * <p>May use: Netty, Jackson, Micrometer, core and jdbc. Must not use: java.sql.
 */
@NullMarked
package io.cachewright.server;

import org.jspecify.annotations.NullMarked;
