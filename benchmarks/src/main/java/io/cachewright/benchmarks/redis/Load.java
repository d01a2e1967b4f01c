// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

/** Many clients that send a command again and again. */
interface Load {
  int CLIENTS = 50;

  /** How many keys there are; each command is about one of them, at random. */
  int KEYS = 100_000;

  /**
   * What is sent.
   *
   * @param set SET, else GET
   * @param pipeline how many commands a client sends before it waits for their replies
   * @param requests how many commands in all
   */
  record Mix(boolean set, int pipeline, int requests) {
    String name() {
      return (set ? "SET" : "GET") + " -P " + pipeline;
    }
  }

  String description();

  /** Replies per second. */
  double perSecond(int port, Mix mix) throws Exception;
}
