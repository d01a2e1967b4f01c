// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Clients;
import io.cachewright.engine.EntryMap.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EntryMapTest {
  private static final long SEED = Long.getLong("cachewright.seed", System.nanoTime());
  private static final Ticket TICKET = new Ticket(1, Entry.NEVER);

  /** Four of these have one hash, so that there are chains to take apart. */
  private record Key(int id) {
    @Override
    public int hashCode() {
      return id / 4;
    }
  }

  private final List<Node<Object, String>> crowdedOut = new ArrayList<>();
  private final EntryMap<Object, String> map = new EntryMap<>(crowdedOut::add);

  private static Entry<String> entry(String value) {
    return Entry.of(value, 0, Entry.NEVER, Entry.NEVER);
  }

  private static @Nullable Entry<String> get(EntryMap<Object, String> map, Object key) {
    Node<Object, String> node = map.find(key);
    return node == null ? null : node.entry();
  }

  private void add(Object key) {
    map.add(key, entry("value of " + key), TICKET);
  }

  @Test
  void itDoesWhatAHashMapDoes() {
    Random random = new Random(SEED);
    Map<Object, Entry<String>> model = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      Key key = new Key(random.nextInt(1 + i / 20)); // it grows
      Node<Object, String> node = map.find(key);
      Entry<String> next = entry("step " + i);
      assertThat(node == null ? null : node.entry()).isSameAs(model.get(key));
      if (node == null) {
        map.add(key, next, TICKET);
        model.put(key, next);
      } else if (random.nextBoolean()) {
        assertThat(map.set(node, next, TICKET)).isTrue();
        model.put(key, next);
      } else {
        assertThat(map.remove(node)).isSameAs(model.remove(key));
      }
      assertThat(map.size()).isEqualTo(model.size());
    }
    Map<Object, Entry<String>> walked = new HashMap<>();
    map.iterator().forEachRemaining(each -> walked.put(each.getKey(), each.getValue()));
    assertThat(walked).as("seed %d", SEED).isEqualTo(model).hasSizeGreaterThan(1_000);

    map.clear();
    assertThat(map.size()).isZero();
    assertThat(map.iterator()).isExhausted();
    assertThat(model.keySet()).allMatch(key -> map.find(key) == null);
  }

  @Test
  void m2_whatWasRemovedStaysSo() {
    add("a");
    Node<Object, String> node = Objects.requireNonNull(map.find("a"));
    Entry<String> first = Objects.requireNonNull(node.entry());
    Ticket next = new Ticket(2, Entry.NEVER);
    assertThat(map.remove(node, entry("another"))).isFalse();
    assertThat(map.remove(node, next)).isNull();
    assertThat(map.set(node, entry("second"), next)).isTrue();
    assertThat(map.remove(node, first)).isFalse();
    assertThat(map.remove(node, TICKET)).isNull();
    assertThat(map.remove(node, next)).isNotNull();

    assertThat(node.entry()).isNull();
    assertThat(map.find("a")).isNull();
    assertThat(map.size()).isZero();
    assertThat(map.set(node, first, TICKET)).isFalse();
    assertThat(map.remove(node)).isNull();
    add("a");
    assertThat(map.remove(node)).isNull();
    assertThat(map.find("a")).isNotNull().isNotSameAs(node);
    map.clear();
    assertThat(map.remove(node)).isNull();
  }

  /**
   * Every third key stays, and is read and met by walks, while others come and go and the bins are
   * doubled again and again.
   */
  @Test
  void m4_whatStaysIsFoundAndMetOnceWhateverElseHappens() throws Exception {
    try (Clients clients = new Clients()) {
      for (int round = 0; round < 60; round++) {
        Storm storm = new Storm(20_000);
        List<Future<Void>> all = clients.start(2, storm::read);
        all.add(clients.start(storm::walk));
        all.add(clients.start(storm::remove));
        all.add(clients.start(storm::add));
        for (Future<Void> each : all) {
          Clients.end(each);
        }
      }
    }
  }

  private static final class Storm {
    private final EntryMap<Object, String> map = new EntryMap<>(node -> {});
    private final int keys;

    /** All keys below were added. */
    private volatile int added;

    Storm(int keys) {
      this.keys = keys;
    }

    private static boolean stays(int id) {
      return id % 3 == 0;
    }

    Void add() {
      for (int id = 0; id < keys; id++) {
        map.add(new Key(id), entry("value of " + id), TICKET);
        added = id + 1;
        Node<Object, String> before = map.find(new Key(id / 2));
        if (before != null) { // another entry for one that is there, or has just left
          map.set(before, entry("value of " + id / 2), TICKET);
        }
      }
      return null;
    }

    Void read() {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      for (int there = added; there < keys; there = added) {
        int id = there == 0 ? 0 : random.nextInt(there);
        Entry<String> found = get(map, new Key(id));
        if (found != null ? !("value of " + id).equals(found.value()) : there > 0 && stays(id)) {
          throw new AssertionError(id + " of " + there + " is " + found);
        }
      }
      return null;
    }

    Void remove() {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      for (int there = added; there < keys; there = added) {
        int id = random.nextInt(there + 1);
        Node<Object, String> node = map.find(new Key(id));
        if (node != null && !stays(id)) {
          map.remove(node);
        }
      }
      return null;
    }

    Void walk() {
      for (int there = added; there < keys; there = added) {
        Set<Object> met = new HashSet<>();
        Iterator<Map.Entry<Object, Entry<String>>> walk = map.iterator();
        while (walk.hasNext()) {
          Key key = (Key) walk.next().getKey();
          if (!met.add(key) && stays(key.id())) {
            throw new AssertionError(key + " is met twice");
          }
        }
        for (int id = 0; id < there; id += 3) {
          if (!met.contains(new Key(id))) {
            throw new AssertionError(id + " of " + there + " is not met");
          }
        }
      }
      return null;
    }
  }

  /** Keys of one hash, as a stranger could choose them. */
  private record Chosen(int id) {
    static final int HASH = 471;

    @Override
    public int hashCode() {
      return HASH;
    }
  }

  @Test
  void m5_keysOfOneHashCrowdEachOtherOut() {
    for (int id = 0; id < 1_000; id++) {
      add(id);
    }
    for (int id = 0; id < 1_000; id++) {
      add(new Chosen(id));
    }
    int first = 1_000 - EntryMap.CHAIN_MAX; // and the number in that bin, which came before
    for (int id = 0; id < 1_000; id++) {
      assertThat(get(map, id) != null).isEqualTo(id != Chosen.HASH);
      assertThat(get(map, new Chosen(id)) != null).isEqualTo(id >= first);
    }
    assertThat(map.size()).isEqualTo(999 + EntryMap.CHAIN_MAX);
    assertThat(crowdedOut).hasSize(first + 1).allMatch(node -> node.entry() == null);
  }

  @Test
  void m5_numbersThatVaryInSomeOfTheirBitsAloneDoNot() {
    for (int shift = 0; shift < 44; shift++) {
      EntryMap<Object, String> shifted = new EntryMap<>(crowdedOut::add);
      for (long number = 0; number < 200_000; number++) {
        shifted.add(number << shift, entry("v"), TICKET);
      }
      assertThat(shifted.size()).as("shift of %d", shift).isEqualTo(200_000);
    }
    assertThat(crowdedOut).isEmpty();
  }
}
