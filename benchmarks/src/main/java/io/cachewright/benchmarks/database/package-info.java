// SPDX-License-Identifier: Apache-2.0
/**
 * Reads and writes that reach a real PostgreSQL, beside plain JDBC with as many threads.
 *
 * <p>May use: anything.
 */
@NullMarked
package io.cachewright.benchmarks.database;

import org.jspecify.annotations.NullMarked;
