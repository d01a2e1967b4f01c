// SPDX-License-Identifier: Apache-2.0
/**
 * Measurements, with JMH and side by side with other systems. Never published.
 *
 * <p>May use: anything.
 */
@NullMarked
package io.cachewright.benchmarks;

import org.jspecify.annotations.NullMarked;
