// SPDX-License-Identifier: Apache-2.0
/**
 * The Redis protocol beside redis-server: the same clients, the same commands, on one machine.
 *
 * <p>May use: anything.
 */
@NullMarked
package io.cachewright.benchmarks.redis;

import org.jspecify.annotations.NullMarked;
