// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.KeyspaceStats;
import io.cachewright.Row;
import io.cachewright.app.config.Format;
import io.cachewright.server.Catalog;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The keyspaces over tables, opened for Java and for Redis clients. Thread-safe. */
final class Keyspaces {
  private final Cachewright cache;
  private final Catalog catalog;
  private final Map<String, Keyspace<Object, Row>> open = new ConcurrentHashMap<>();

  Keyspaces(Cachewright cache, Catalog catalog) {
    this.cache = cache;
    this.catalog = catalog;
  }

  /** Opens it, unless it is open. */
  void open(Served served) {
    open.computeIfAbsent(
        served.name(),
        name -> {
          Keyspace<Object, Row> keyspace =
              cache
                  .keyspace(name, Object.class, Row.class)
                  .store(served.store())
                  .pattern(served.settings().pattern())
                  .options(served.settings().options())
                  .open();
          catalog.addTable(name, seenAs(served.settings().format()), served.settings().additive());
          return keyspace;
        });
  }

  private static Catalog.Format seenAs(Format format) {
    return switch (format) {
      case HASH -> Catalog.Format.HASH;
      case JSON -> Catalog.Format.JSON;
    };
  }

  boolean isOpen(String name) {
    return open.containsKey(name);
  }

  /** What has happened in it; null if there is no such keyspace over a table. */
  @Nullable KeyspaceStats stats(String name) {
    Keyspace<Object, Row> keyspace = open.get(name);
    return keyspace == null ? null : keyspace.stats();
  }

  /** Says of a keyspace that is not open why not. */
  void unavailable(String name, String reason) {
    if (!isOpen(name)) {
      catalog.addUnavailable(name, reason);
    }
  }

  /** Which tables there are, all of which are to be keyspaces, is not known, and why. */
  void unknown(String reason) {
    catalog.tablesUnknown("it is not known yet whether it is a table: " + reason);
  }

  /** All tables that there are have been opened. */
  void known() {
    catalog.tablesKnown();
  }
}
