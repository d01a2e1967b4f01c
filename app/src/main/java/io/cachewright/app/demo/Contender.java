// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import java.util.List;
import java.util.function.Function;

/**
 * A row of the table.
 *
 * @param keyspaces its part of a configuration
 * @param client makes the client of a thread
 */
record Contender(String name, boolean hasCache, String keyspaces, Function<Door, Client> client) {

  /** The ways to the data: the database, and the port of a Cachewright server. */
  interface Door {
    ShopSql sql();

    RespClient cache();
  }

  static final String WRITE_BEHIND = "write-behind";
  static final String RECORD = "record";

  static final List<Contender> ALL =
      List.of(
          new Contender("no cache", false, "{}", door -> new Clients.NoCache(door.sql())),
          new Contender(
              "look-aside",
              true,
              "{ customers: { pattern: look-aside } }",
              door -> new Clients.LookAside(door.sql(), door.cache())),
          new Contender(
              "read-through",
              true,
              "{ customers: { pattern: read-through } }",
              door -> new Clients.ReadThrough(door.sql(), door.cache())),
          new Contender(
              "write-through",
              true,
              "{ customers: { pattern: write-through } }",
              door -> new Clients.CacheOnly(door.cache())),
          new Contender(
              WRITE_BEHIND,
              true,
              "{ customers: { pattern: write-behind } }",
              door -> new Clients.CacheOnly(door.cache())),
          new Contender(
              RECORD,
              true,
              "{ customers: { pattern: record } }",
              door -> new Clients.CacheOnly(door.cache())));

  /** Whether the customers are in the cache and nowhere else, so that they have to be put there. */
  boolean isDatabase() {
    return name.equals(RECORD);
  }
}
