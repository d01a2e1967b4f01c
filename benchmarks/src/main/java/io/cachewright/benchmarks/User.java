// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks;

import java.math.BigDecimal;
import java.time.LocalDateTime;

/** A row of the table that is read and written everywhere here: about 200 bytes. */
public record User(
    long id, String email, String name, BigDecimal balance, LocalDateTime createdAt, String bio) {
  private static final LocalDateTime BEGIN = LocalDateTime.of(2024, 1, 1, 0, 0);
  private static final String BIO =
      "Likes long walks, short queries and rows that are about two hundred bytes; lives near ";

  /** The same id makes the same user, always. */
  public static User of(long id) {
    return new User(
        id,
        "user" + id + "@example.org",
        "Name Of User " + id,
        BigDecimal.valueOf(id % 1_000_000, 2),
        BEGIN.plusSeconds(id),
        BIO + "street number " + id % 10_000 + ", and that is all");
  }
}
