// SPDX-License-Identifier: Apache-2.0
/**
 * How keyspaces work: one lock that orders writes, the entry table, batched loads and batched
 * write-through.
 *
 * <p>Start at {@link io.cachewright.engine.Engine}, then {@link io.cachewright.engine.Space}.
 * Public types here are for the server; applications use {@code io.cachewright}. Must not use: SQL,
 * Netty.
 */
@NullMarked
package io.cachewright.engine;

import org.jspecify.annotations.NullMarked;
