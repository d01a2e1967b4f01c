// SPDX-License-Identifier: Apache-2.0
/**
 * What stands behind a keyspace: the interfaces that a database, or code of your own, implements.
 *
 * <p>Start at {@link io.cachewright.store.Store}. May use: the values and errors of {@code
 * io.cachewright}. Must not use: the engine, SQL, Netty.
 */
@NullMarked
package io.cachewright.store;

import org.jspecify.annotations.NullMarked;
