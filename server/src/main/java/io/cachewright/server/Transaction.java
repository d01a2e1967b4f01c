// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Watch;
import io.cachewright.server.Plan.Spot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a client has queued since MULTI, and the keys it watches. */
final class Transaction {

  /** A command that waits for EXEC. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Queued(CommandTable.Counted command, byte[][] words) {}

  private final List<Queued> queue = new ArrayList<>();
  private final Map<Spot, Watch> watches = new LinkedHashMap<>();
  private boolean open;
  private boolean faulty;
  private long bytes;

  boolean isOpen() {
    return open;
  }

  void begin() {
    open = true;
  }

  int size() {
    return queue.size();
  }

  /** The bytes of the commands queued so far. */
  long bytes() {
    return bytes;
  }

  void add(Queued queued) {
    queue.add(queued);
    for (byte[] word : queued.words()) {
      bytes += word.length + 16L;
    }
  }

  /** A command could not be queued, so EXEC will not run the others. */
  void spoil() {
    faulty |= open;
  }

  boolean isFaulty() {
    return faulty;
  }

  List<Queued> queue() {
    return List.copyOf(queue);
  }

  /** Watches a key; once, however often that is said. */
  void watch(Spot spot) {
    if (!watches.containsKey(spot)) {
      watches.put(spot, spot.watch());
    }
  }

  /** Whether it watches rows, of which the client's own writes may be on their way still. */
  boolean watchesRows() {
    return watches.keySet().stream().anyMatch(spot -> spot.space().pattern().hasStore());
  }

  /** The watches, which are the caller's to close from now on. */
  List<Watch> takeWatches() {
    List<Watch> taken = List.copyOf(watches.values());
    watches.clear();
    return taken;
  }

  void unwatch() {
    watches.values().forEach(Watch::close);
    watches.clear();
  }

  /** Forgets the queue and the watches. */
  void end() {
    unwatch();
    queue.clear();
    open = false;
    faulty = false;
    bytes = 0;
  }
}
