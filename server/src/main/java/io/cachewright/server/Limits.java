// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.ConfigurationException;

/**
 * What bounds a connection (P7).
 *
 * @param maxConnections most connections at once; more are told so and closed. Default 10 000
 * @param maxBulk longest argument, in bytes. Default 512 MiB, as in Redis
 * @param maxArgs most arguments of a command. Default 1 048 576, as in Redis
 * @param maxInline longest inline command, in bytes. Default 64 KiB, as in Redis
 * @param maxRequest most bytes of one command, and of the commands between MULTI and EXEC. Default
 *     1 GiB
 * @param maxUnanswered most commands of a connection that wait for the database; while there are as
 *     many, nothing more is read from it. Larger: longer pipelines in one transaction. Default 1024
 * @param maxUnsent most reply bytes that wait for a slow reader, one reply more at the worst; while
 *     there are as many, nothing more is read from it. Default 1 MiB
 */
public record Limits(
    int maxConnections,
    int maxBulk,
    int maxArgs,
    int maxInline,
    long maxRequest,
    int maxUnanswered,
    int maxUnsent) {

  public static final Limits DEFAULT =
      new Limits(10_000, 512 << 20, 1 << 20, 64 << 10, 1L << 30, 1024, 1 << 20);

  public Limits {
    require(maxConnections > 0, "maxConnections must be above 0", maxConnections);
    require(maxBulk >= 1024 && maxBulk <= 512 << 20, "maxBulk must be 1 KiB to 512 MiB", maxBulk);
    require(maxArgs >= 16 && maxArgs <= 1 << 20, "maxArgs must be 16 to 1048576", maxArgs);
    require(
        maxInline >= 64 && maxInline <= 1 << 20, "maxInline must be 64 bytes to 1 MiB", maxInline);
    require(
        maxRequest >= maxBulk, "maxRequest must be at least maxBulk (" + maxBulk + ")", maxRequest);
    require(maxUnanswered > 0, "maxUnanswered must be above 0", maxUnanswered);
    require(maxUnsent >= 16 << 10, "maxUnsent must be at least 16 KiB", maxUnsent);
  }

  private static void require(boolean met, String rule, long value) {
    if (!met) {
      throw new ConfigurationException(rule + ", was " + value);
    }
  }

  public Limits withMaxConnections(int next) {
    return new Limits(next, maxBulk, maxArgs, maxInline, maxRequest, maxUnanswered, maxUnsent);
  }

  public Limits withMaxBulk(int next) {
    return new Limits(
        maxConnections, next, maxArgs, maxInline, maxRequest, maxUnanswered, maxUnsent);
  }

  public Limits withMaxRequest(long next) {
    return new Limits(maxConnections, maxBulk, maxArgs, maxInline, next, maxUnanswered, maxUnsent);
  }

  public Limits withMaxUnanswered(int next) {
    return new Limits(maxConnections, maxBulk, maxArgs, maxInline, maxRequest, next, maxUnsent);
  }
}
