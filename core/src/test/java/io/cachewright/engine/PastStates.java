// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a keyspace had at each sequence of its log, across crashes. */
final class PastStates {
  private record Made(int key, @Nullable String value) {}

  private final TreeMap<Long, List<Made>> bySequence = new TreeMap<>();

  /** Under the engine's write lock: the newest record has made this the key's value. */
  synchronized void made(Engine engine, int key, @Nullable String value) {
    long sequence = Objects.requireNonNull(engine.log()).journal().lastSequence();
    bySequence.computeIfAbsent(sequence, absent -> new ArrayList<>()).add(new Made(key, value));
  }

  /** A crash has left the records up to this one. */
  synchronized void recovered(long last) {
    bySequence.tailMap(last, /* inclusive= */ false).clear();
  }

  synchronized Map<Integer, String> at(long sequence) {
    Map<Integer, String> state = new HashMap<>();
    for (List<Made> record : bySequence.headMap(sequence, /* inclusive= */ true).values()) {
      for (Made made : record) {
        if (made.value() == null) {
          state.remove(made.key());
        } else {
          state.put(made.key(), made.value());
        }
      }
    }
    return state;
  }
}
