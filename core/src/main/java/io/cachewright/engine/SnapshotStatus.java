// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How it goes with snapshots of record keyspaces.
 *
 * @param wanted whether there are any such keyspaces
 * @param running whether one is being taken
 * @param last when the last one was finished; null if none was since the start
 * @param failure why the last one that was tried was not finished; null if it was
 */
public record SnapshotStatus(
    boolean wanted, boolean running, @Nullable Instant last, @Nullable String failure) {}
