// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.ConfigurationException;
import java.time.Duration;

/**
 * How a database is spoken to.
 *
 * @param queryTimeout how long a statement may take (and up to a quarter of a second more) before
 *     it is cancelled and counts as a passing failure. Shorter: a slow database is noticed sooner,
 *     and a large transaction may never succeed. A statement of a flush of write-behind may take
 *     ten times as long. Zero for no bound. In whole seconds. Default 30 s
 */
public record JdbcOptions(Duration queryTimeout) {
  public static final JdbcOptions DEFAULTS = new JdbcOptions(Duration.ofSeconds(30));

  public JdbcOptions {
    if (queryTimeout.isNegative()
        || queryTimeout.toSeconds() > Integer.MAX_VALUE
        || queryTimeout.toMillis() % 1000 != 0) {
      throw new ConfigurationException(
          "queryTimeout must be zero or more, in whole seconds; it was " + queryTimeout);
    }
  }
}
