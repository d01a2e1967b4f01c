// SPDX-License-Identifier: Apache-2.0
/**
 * Small programs that show one thing each. Never published.
 *
 * <p>May use: what is published.
 */
@NullMarked
package io.cachewright.examples;

import org.jspecify.annotations.NullMarked;
