// SPDX-License-Identifier: Apache-2.0
/** Kills a server and its database again and again, and looks whether anything was lost. */
@NullMarked
package io.cachewright.benchmarks.crash;

import org.jspecify.annotations.NullMarked;
