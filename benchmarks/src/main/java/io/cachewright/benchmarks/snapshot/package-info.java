// SPDX-License-Identifier: Apache-2.0
/**
 * What a snapshot of record keyspaces costs those who write meanwhile.
 *
 * <p>May use: anything.
 */
@NullMarked
package io.cachewright.benchmarks.snapshot;

import org.jspecify.annotations.NullMarked;
