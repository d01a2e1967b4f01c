// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/** A keyspace over a table. */
record TableKeyspace(String name) implements Target {}
