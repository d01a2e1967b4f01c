// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.config;

import java.util.Locale;

/** How a row is seen by Redis clients. */
public enum Format {
  /** A Redis hash with a field per column: HGET, HSET, HGETALL. */
  HASH,

  /** A string with one JSON document: GET, SET, MGET. */
  JSON;

  /** As it is written in a configuration. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
