// SPDX-License-Identifier: Apache-2.0
/**
 * The Redis protocol.
 *
 * <p>May use: Netty, Jackson, Micrometer, core and jdbc. Must not use: java.sql.
 */
@NullMarked
package io.cachewright.server;

import org.jspecify.annotations.NullMarked;
