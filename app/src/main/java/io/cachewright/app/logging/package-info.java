// SPDX-License-Identifier: Apache-2.0
/**
 * What is logged, and how often. Named in {@code logback.xml}.
 *
 * <p>May use: logback.
 */
@NullMarked
package io.cachewright.app.logging;

import org.jspecify.annotations.NullMarked;
