// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.app.config.KeyspaceSettings;
import io.cachewright.jdbc.TableStore;

/** A keyspace, and the table it is over. */
public record Served(KeyspaceSettings settings, TableStore store) {
  public String name() {
    return settings.name();
  }
}
