// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.List;

/** Commands that belong together: one file of handlers, one section of {@code docs/commands.md}. */
record Family(String title, List<Command> commands) {
  Family {
    commands = List.copyOf(commands);
  }

  /** All there are, in the order of the documentation. */
  static List<Family> all() {
    return List.of(
        StringCommands.FAMILY,
        HashCommands.FAMILY,
        KeyCommands.FAMILY,
        ExpiryCommands.FAMILY,
        KeyspaceCommands.FAMILY,
        TransactionCommands.FAMILY,
        CacheCommands.FAMILY,
        LogCommands.FAMILY,
        RecordCommands.FAMILY,
        ConnectionCommands.FAMILY,
        ServerCommands.FAMILY);
  }
}
