// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.List;

/** The server itself. */
final class ServerCommands {
  static final Family FAMILY = new Family("Server", List.of());

  private ServerCommands() {}
}
