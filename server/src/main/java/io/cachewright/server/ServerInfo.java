// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

/** What INFO says. */
final class ServerInfo {
  /** The Redis whose commands these are: clients decide by it what they may send. */
  static final String REDIS_VERSION = "7.0.15";

  private ServerInfo() {}
}
