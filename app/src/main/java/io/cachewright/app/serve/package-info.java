// SPDX-License-Identifier: Apache-2.0
/**
 * A running cache: the pool, the keyspaces over their tables, the server, and what to do while the
 * database is away. Start at {@link io.cachewright.app.serve.Serving}.
 *
 * <p>May use: core, jdbc, server, the configuration, HikariCP. Must not use: the command line.
 */
@NullMarked
package io.cachewright.app.serve;

import org.jspecify.annotations.NullMarked;
