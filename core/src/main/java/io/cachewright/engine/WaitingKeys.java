// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits of each key of a keyspace, in the order in which the keys came.
 *
 * <pre>
 *   bins    [ · | ● | · | ● ]        a key's bin has all keys of that hash, chained by next
 *                 │       │
 *                 ▼       ▼
 *   nodes         A ────► C ────► B  chained by after, the oldest first
 * </pre>
 *
 * <p>A hash table as {@link java.util.LinkedHashMap} is one, but for what is kept of a key: that
 * stands in the node itself, and a change of the key changes the node. Hundreds of thousands may
 * wait, are walked through by the flusher, and are copied by the garbage collector meanwhile: an
 * object less for each is worth more than any other shortcut here.
 *
 * <p>H1: no chain is longer than {@value #CHAIN_MAX}: whoever chooses keys that have the same hash
 * finds them in a map beside the bins, which knows what to do about such keys.
 *
 * <p>Changed and read under the lock of its generation, see {@link Generation}.
 */
final class WaitingKeys<K, V> {
  private static final int BINS_MIN = 16;
  private static final int BINS_MAX = 1 << 30;

  /** With as many keys as bins and random hashes, one bin in 10^15 has more. */
  private static final int CHAIN_MAX = 16;

  /** A key that waits. */
  static final class Node<K, V> {
    final K key;
    private final int hash;
    private @Nullable Node<K, V> next;
    private @Nullable Node<K, V> after;

    // What Waiting has, see there.
    private long sequence;
    private boolean removes;
    private @Nullable V put;

    /** Of what is put, as it was reckoned: at most {@link Integer#MAX_VALUE}. */
    private int bytes;

    private Node(K key, int hash) {
      this.key = key;
      this.hash = hash;
    }

    Waiting<V> waiting() {
      return new Waiting<>(sequence, removes, put);
    }

    /**
     * Has this wait from now on.
     *
     * @param reckoned its {@link Waiting#bytes}
     * @return how many bytes more that is
     */
    long set(Waiting<V> waiting, long reckoned) {
      int before = bytes;
      sequence = waiting.sequence();
      removes = waiting.removes();
      put = waiting.put();
      bytes = (int) Math.min(reckoned, Integer.MAX_VALUE);
      return bytes - (long) before;
    }

    /** The key that came after this one; null if none did. */
    @Nullable Node<K, V> after() {
      return after;
    }
  }

  private @Nullable Node<K, V>[] bins;

  /** H1. Those for which there was no place in their chain; null if there are none. */
  private @Nullable Map<K, Node<K, V>> crowded;

  private int size;
  private @Nullable Node<K, V> first;
  private @Nullable Node<K, V> last;

  /**
   * @param expected how many keys there is room for before it has to grow
   */
  WaitingKeys(int expected) {
    int wanted = (int) Math.min(BINS_MAX, Math.max(BINS_MIN, expected * 4L / 3));
    bins = bins(Integer.highestOneBit(wanted - 1) * 2);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types
  private static <K, V> @Nullable Node<K, V>[] bins(int size) {
    return new Node[size];
  }

  int size() {
    return size;
  }

  /** The oldest key; null if there is none. */
  @Nullable Node<K, V> first() {
    return first;
  }

  /** The key's node; null if nothing waits of it. */
  @Nullable Node<K, V> get(K key) {
    int hash = hash(key);
    Node<K, V> node = bins[hash & (bins.length - 1)];
    while (node != null && !(node.hash == hash && node.key.equals(key))) {
      node = node.next;
    }
    return node == null && crowded != null ? crowded.get(key) : node;
  }

  /** A node for a key of which nothing waits. It must be {@link Node#set}. */
  Node<K, V> add(K key) {
    if (size >= bins.length / 4 * 3 && bins.length < BINS_MAX) {
      grow();
    }
    Node<K, V> node = new Node<>(key, hash(key));
    link(node);
    if (last == null) {
      first = node;
    } else {
      last.after = node;
    }
    last = node;
    size++;
    return node;
  }

  private void grow() {
    bins = bins(bins.length * 2);
    crowded = null;
    for (Node<K, V> node = first; node != null; node = node.after) {
      link(node);
    }
  }

  private void link(Node<K, V> node) {
    int bin = node.hash & (bins.length - 1);
    int length = 0;
    for (Node<K, V> other = bins[bin]; other != null; other = other.next) {
      length++;
    }
    if (length < CHAIN_MAX) {
      node.next = bins[bin];
      bins[bin] = node;
    } else {
      crowded = crowded == null ? new HashMap<>() : crowded;
      crowded.put(node.key, node);
    }
  }

  /** Multiplied, since only its low bits choose a bin, and numbers are mostly multiples. */
  private static int hash(Object key) {
    int product = key.hashCode() * 0x9E3779B9;
    return product ^ (product >>> 16);
  }
}
