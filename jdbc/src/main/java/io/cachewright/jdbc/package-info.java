// SPDX-License-Identifier: Apache-2.0
/**
 * Rows of SQL tables as a {@link io.cachewright.store.Store}: PostgreSQL and SQLite.
 *
 * <p>Start at {@link io.cachewright.jdbc.JdbcDatabase}. What a table is: {@link
 * io.cachewright.jdbc.Table}, {@link io.cachewright.jdbc.Column}. How it works: {@code Batch} sorts
 * changes into runs of one statement each, a {@code Dialect} knows the statements, {@code
 * Connections} knows when the database is away, {@code Fault} what an error means.
 *
 * <p>May use: java.sql, io.cachewright, io.cachewright.store, SLF4J. Must not use:
 * io.cachewright.engine, Netty, a driver. Thread-safe: every public type.
 */
@NullMarked
package io.cachewright.jdbc;

import org.jspecify.annotations.NullMarked;
