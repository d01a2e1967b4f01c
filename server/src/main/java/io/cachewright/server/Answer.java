// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/** A reply that is known, and written when it is its turn. */
@FunctionalInterface
interface Answer {
  void write(RespWriter out);
}
