// SPDX-License-Identifier: Apache-2.0
/**
 * What a hit costs over a bare map with eviction: {@code Keyspace.get} beside Caffeine.
 *
 * <p>May use: anything.
 */
@NullMarked
package io.cachewright.benchmarks.hits;

import org.jspecify.annotations.NullMarked;
