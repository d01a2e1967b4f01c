// SPDX-License-Identifier: Apache-2.0
/**
 * Rows of SQL tables as a store.
 *
 * <p>May use: java.sql, io.cachewright, io.cachewright.store, SLF4J. Must not use:
 * io.cachewright.engine, Netty.
 */
@NullMarked
package io.cachewright.jdbc;

import org.jspecify.annotations.NullMarked;
