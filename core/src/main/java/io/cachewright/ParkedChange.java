// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change that the store refused for good, and all later ones of its key, which wait behind it
 * (P6). The cache shows it; the store does not have it.
 *
 * @param id by which it is retried and discarded
 * @param removes whether what the store has of the key is to be removed first
 * @param value what is to be put, as the store has values: a {@link Row} over a table; null:
 *     nothing
 * @param code the store's class of error: SQLSTATE for a SQL database
 * @param reason what the store said when it refused it last
 * @param since when it was refused first
 * @param tries how often it was refused
 */
public record ParkedChange(
    long id,
    String keyspace,
    Object key,
    boolean removes,
    @Nullable Object value,
    String code,
    String reason,
    Instant since,
    int tries) {}
