// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A keyspace that is configured and cannot be served now: its database has not been reached yet.
 */
record AwayKeyspace(String name, String reason, Instant since) implements Target {
  private static final int NAME_MAX = 100;

  /** The same under the name that this key begins with; null if it has no colon. */
  @Nullable AwayKeyspace ofKey(byte[] key) {
    for (int i = 0; i < key.length; i++) {
      if (key[i] == ':') {
        String prefix = new String(key, 0, Math.min(i, NAME_MAX), StandardCharsets.UTF_8);
        return new AwayKeyspace(prefix, reason, since);
      }
    }
    return null;
  }

  ErrorReply error() {
    return new ErrorReply("CWAWAY keyspace " + name + ": " + reason + ", since " + since);
  }
}
