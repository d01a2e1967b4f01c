// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/** What a command does to rows. */
record Plan() {}
