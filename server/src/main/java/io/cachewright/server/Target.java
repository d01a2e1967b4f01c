// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/** Where a key leads: to a keyspace of one of these kinds. */
sealed interface Target permits PlainKeyspace, TableKeyspace, AwayKeyspace {
  String name();
}
