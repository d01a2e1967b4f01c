// SPDX-License-Identifier: Apache-2.0
/**
 * What one runs: command line, configuration and admin.
 *
 * <p>May use: anything.
 */
@NullMarked
package io.cachewright.app;

import org.jspecify.annotations.NullMarked;
