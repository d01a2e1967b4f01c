// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.redis;

/** Many clients that send a command again and again. */
interface Load {
  int CLIENTS = 50;

  /** How many keys there are; each command is about one of them, at random. */
  int KEYS = 100_000;

  /** Where a command has this, a number below {@link #KEYS} is sent, of 12 digits. */
  String NUMBER = "__rand_int__";

  /**
   * What is sent.
   *
   * @param command its words, with blanks between them; one is, or ends with, {@link #NUMBER}
   * @param pipeline how many commands a client sends before it waits for their replies
   * @param requests how many commands in all
   */
  record Mix(String command, int pipeline, int requests) {
    String name() {
      return command.substring(0, command.indexOf(' ')) + " -P " + pipeline;
    }
  }

  String description();

  /**
   * Replies per second.
   *
   * @throws java.io.IOException if a reply is an error
   */
  double perSecond(int port, Mix mix) throws Exception;
}
