// SPDX-License-Identifier: Apache-2.0
/**
 * The journal: an append-only, checksummed log of byte blocks with group commit, and its recovery.
 *
 * <p>Start at {@link io.cachewright.journal.Journal}, then {@link
 * io.cachewright.journal.JournalFormat} and {@link io.cachewright.journal.RecoveryTable}; {@link
 * io.cachewright.journal.Snapshots} are what it need not be kept from the beginning for. Public
 * types here are for the engine and the command line; applications use {@code io.cachewright}. May
 * use: the JDK, SLF4J, the errors of {@code io.cachewright}. Must not use: engine, stores, SQL,
 * Netty.
 */
@NullMarked
package io.cachewright.journal;

import org.jspecify.annotations.NullMarked;
