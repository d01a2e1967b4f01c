// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction needs in one of its keyspaces, taken and given back as a whole: a transaction
 * that took room change by change could wait for room that it has itself.
 *
 * @param bytes about how much memory its changes of that keyspace take while they wait
 */
record Share(Logged<?, ?> in, long bytes) {

  /**
   * Room that a transaction does not find.
   *
   * @param in of which keyspace; null: of the journal
   */
  record Lack(@Nullable Logged<?, ?> in) {
    static final Lack OF_JOURNAL = new Lack(null);
  }

  /** Of those writes that are logged. */
  static List<Share> of(List<? extends Write<?, ?>> writes) {
    if (writes.size() == 1) {
      Logged<?, ?> only = writes.get(0).space().logged();
      return only == null ? List.of() : List.of(new Share(only, writes.get(0).bytes()));
    }
    Map<Logged<?, ?>, Long> bytes = new LinkedHashMap<>();
    for (Write<?, ?> write : writes) {
      Logged<?, ?> logged = write.space().logged();
      if (logged != null) {
        bytes.merge(logged, write.bytes(), Long::sum);
      }
    }
    List<Share> shares = new ArrayList<>(bytes.size());
    bytes.forEach((in, sum) -> shares.add(new Share(in, sum)));
    return List.copyOf(shares);
  }

  /**
   * @throws io.cachewright.CacheException if what takes it would wait for ever
   */
  boolean tryTake() {
    in.checkRuns();
    PendingRoom room = in.room();
    return room == null || room.tryTake(bytes);
  }

  void give() {
    PendingRoom room = in.room();
    if (room != null) {
      room.give(bytes);
    }
  }

  /** As {@link #give}, and tells nobody. */
  void putBack() {
    PendingRoom room = in.room();
    if (room != null) {
      room.putBack(bytes);
    }
  }
}
