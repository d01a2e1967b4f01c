// SPDX-License-Identifier: Apache-2.0
/**
 * Measurements side by side with other systems. Never published.
 *
 * <p>Start at {@link io.cachewright.benchmarks.Main}; {@code README.md} of this module says what is
 * measured and why. May use: anything.
 */
@NullMarked
package io.cachewright.benchmarks;

import org.jspecify.annotations.NullMarked;
