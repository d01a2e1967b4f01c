// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

/**
 * What the policy of {@link CachedEntries} has of an entry, and of the like that replace it. Its
 * identity counts.
 */
final class Ticket {
  final int weight;

  /** In the engine's nanoseconds, or {@link Entry#NEVER}. */
  final long expiresAt;

  Ticket(int weight, long expiresAt) {
    this.weight = weight;
    this.expiresAt = expiresAt;
  }
}
