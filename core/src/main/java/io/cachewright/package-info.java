// SPDX-License-Identifier: Apache-2.0
/**
 * What users of the library see: {@link io.cachewright.Cachewright}, {@link
 * io.cachewright.Keyspace}, the values they hold and the errors they throw.
 *
 * <p>Start at {@link io.cachewright.Cachewright}. What stands behind a keyspace is in {@code
 * io.cachewright.store}; how it works is in {@code io.cachewright.engine}, which may change without
 * warning. Thread-safe: every type here, but {@link io.cachewright.KeyspaceBuilder} and {@link
 * io.cachewright.UnitOfWork}, which belong to one thread.
 */
@NullMarked
package io.cachewright;

import org.jspecify.annotations.NullMarked;
