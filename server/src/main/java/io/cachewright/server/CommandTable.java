// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Meters;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The commands by name, and how often each was called. Immutable but for the counts. */
final class CommandTable {

  /** A command with its counts. */
  record Counted(Command command, LongAdder calls, LongAdder errors) {}

  private final Map<String, Counted> byName = new TreeMap<>();

  /** Open addressing, at most a quarter full; found by name in any case without an allocation. */
  private final @Nullable Counted[] slots;

  CommandTable(Collection<Family> families, Meters meters) {
    for (Family family : families) {
      for (Command command : family.commands()) {
        Counted counted = new Counted(command, new LongAdder(), new LongAdder());
        if (byName.put(command.name(), counted) != null) {
          throw new IllegalStateException("two commands " + command.name());
        }
        Tags tags = Tags.of("command", command.lowerName());
        meters.count("cachewright.commands", "commands received", counted.calls(), tags);
        meters.count(
            "cachewright.command.errors", "commands answered by an error", counted.errors(), tags);
      }
    }
    slots = new Counted[Integer.highestOneBit(byName.size()) * 8];
    byName.values().forEach(this::insert);
  }

  private void insert(Counted counted) {
    String name = counted.command().name();
    byte[] bytes = Bytes.of(name).array();
    int at = hash(bytes) & (slots.length - 1);
    while (slots[at] != null) {
      at = (at + 1) & (slots.length - 1);
    }
    slots[at] = counted;
  }

  @Nullable Counted find(byte[] name) {
    for (int at = hash(name) & (slots.length - 1); ; at = (at + 1) & (slots.length - 1)) {
      Counted counted = slots[at];
      if (counted == null || sameName(counted.command().name(), name)) {
        return counted;
      }
    }
  }

  @Nullable Counted find(String name) {
    return find(Bytes.of(name).array());
  }

  Collection<Counted> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  private static int hash(byte[] name) {
    int hash = name.length;
    for (byte b : name) {
      hash = hash * 31 + (b & 0x5f); // letters of both cases alike
    }
    return hash ^ (hash >>> 15);
  }

  private static boolean sameName(String name, byte[] other) {
    if (name.length() != other.length) {
      return false;
    }
    for (int i = 0; i < other.length; i++) {
      int c = other[i];
      if ((c >= 'a' && c <= 'z' ? c - 32 : c) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
