// SPDX-License-Identifier: Apache-2.0
/**
 * The types of columns: what a value may be, how it is written as text.
 *
 * <p>Start at {@link io.cachewright.jdbc.type.ColumnType}. May use: the errors of {@code
 * io.cachewright}. Must not use: {@code java.sql}; how a value travels to a database is its
 * dialect's affair. Thread-safe: every type here is immutable.
 */
@NullMarked
package io.cachewright.jdbc.type;

import org.jspecify.annotations.NullMarked;
