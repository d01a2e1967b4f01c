// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.time.Instant;

/**
 * A keyspace that is configured and cannot be served now: its database has not been reached yet.
 */
record AwayKeyspace(String name, String reason, Instant since) implements Target {

  ErrorReply error() {
    return new ErrorReply("CWAWAY keyspace " + name + ": " + reason + ", since " + since);
  }
}
