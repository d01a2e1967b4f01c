// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far write-behind has got with the keyspaces over one database; or the mirror of a record
 * keyspace with its table.
 *
 * @param log the log's id, as in the table {@code cachewright_position}; of a mirror with the
 *     keyspace's name behind it
 * @param position up to which record the database has the log
 * @param logged the newest record
 * @param changes how many changes wait, those that will be coalesced counted each
 * @param bytes about how much memory they take
 * @param lag age of the oldest of them; zero if none waits
 * @param generations into how many generations they are divided
 * @param flushes made since the start
 * @param flushedRows changes, after coalescing, that those took to the database
 * @param flushTime how long all flushes took
 * @param lastFlush how long the last one took
 * @param retries attempts that failed for a passing reason
 * @param failing why the last attempt failed; null if it did not
 * @param stopped whether it is over: another process has taken the log over
 * @param needsCopy of a mirror: whether its table is to be copied whole, since it is new, or more
 *     changes came than may wait; until then it shows what it had
 */
public record WriteBehindStatus(
    String log,
    long position,
    long logged,
    long changes,
    long bytes,
    Duration lag,
    int generations,
    long flushes,
    long flushedRows,
    Duration flushTime,
    Duration lastFlush,
    long retries,
    @Nullable CacheException failing,
    boolean stopped,
    boolean needsCopy) {}
