// SPDX-License-Identifier: Apache-2.0
/**
 * The demonstration: a small web shop, the same load on it under each pattern, and a table of what
 * came of it. Start at {@link io.cachewright.app.demo.Demo}.
 *
 * <p>May use: all of app. Its clients speak the Redis protocol over a socket, as any client does,
 * and see nothing of the inside.
 */
@NullMarked
package io.cachewright.app.demo;

import org.jspecify.annotations.NullMarked;
