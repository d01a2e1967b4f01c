// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A hash map from keys to entries. Reads take no lock.
 *
 * <pre>
 *   bins   [ ─► node ─► node, -, ─► node, … ]    by the low bits of the hash
 *   node   key, entry, ticket, next              what the policy has in place of the key
 * </pre>
 *
 * <p>It is here, in place of {@code ConcurrentHashMap}, for the nodes. A hit looks at a node, its
 * key and its entry, and waits for these to come from memory for most of its time. A collector that
 * copies puts an object beside the one through which it came to it first. If the policy has the
 * nodes, then what a hit looks at stays in one piece, whichever of the two the collector comes
 * through. (When the policy had the keys, a quarter of them or all lay elsewhere, and a hit took up
 * to twice as long.)
 *
 * <p>M1: one thread at a time adds nodes and sets entries; any may remove and read. M2: a node that
 * was removed has no entry, and never gets one again. M3: a chain changes by a node that comes at
 * its head or that leaves, so that who walks it meets all that stay; and when the bins are doubled.
 * M4: a bin says so before its chain is taken apart. Who finds nothing looks whether it does, and
 * then looks in the larger bins. M5: no chain is longer than {@value #CHAIN_MAX}; what came first
 * leaves. So keys that were chosen to have one hash harm only each other.
 */
final class EntryMap<K, V> {
  /** Chance makes none as long: it would take 10^40 bins. */
  static final int CHAIN_MAX = 32;

  /** Bins of a page of 4 KiB: a reference has four bytes as a rule. */
  private static final int PAGE_BITS = 10;

  private static final int BINS_MIN = 1 << PAGE_BITS;
  private static final int BINS_MAX = 1 << 30;

  /** So many bins of a walk are looked at under one hold of the lock. */
  private static final int STEP = 64;

  /** 2^32 divided by the golden ratio: Knuth, The Art of Computer Programming, 6.4. */
  private static final int GOLDEN = 0x9E3779B1;

  private static final VarHandle BIN = MethodHandles.arrayElementVarHandle(Node[].class);

  /** M4: the chain is being taken apart. */
  private static final Node<?, ?> MOVING = Node.sign();

  /** M4: its nodes are in the larger bins. */
  private static final Node<?, ?> MOVED = Node.sign();

  /** A key that is, or was, there. Its identity counts. */
  static final class Node<K, V> {
    /** Of no key: see {@link #hash}. */
    private static final int NO_HASH = -1;

    private final int hash;
    private final K key;

    /** Null: it was removed (M2). Changed under the map's lock. */
    private volatile @Nullable Entry<V> entry;

    /** Changed under the map's lock, by the one who adds and sets. */
    private Ticket ticket;

    private volatile @Nullable Node<K, V> next;

    private Node(int hash, K key, Ticket ticket) {
      this.hash = hash;
      this.key = key;
      this.ticket = ticket;
    }

    private static Node<?, ?> sign() {
      return new Node<>(NO_HASH, "", new Ticket(0, Entry.NEVER));
    }

    /** Null if it is there no more. */
    @Nullable Entry<V> entry() {
      return entry;
    }

    /** For the one who adds and sets. */
    Ticket ticket() {
      return ticket;
    }

    @Override
    public int hashCode() {
      return hash; // so that the policy knows how often a key is asked for that comes back
    }
  }

  private final Consumer<Node<K, V>> crowdedOut;
  private volatile @Nullable Node<K, V>[] bins = bins(BINS_MIN);

  /** While bins are doubled, the larger ones. */
  private volatile @Nullable Node<K, V> @Nullable [] larger;

  /** Changed under the lock. */
  private volatile int size;

  /**
   * @param crowdedOut takes what has left by M5
   */
  EntryMap(Consumer<Node<K, V>> crowdedOut) {
    this.crowdedOut = crowdedOut;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of generic classes
  private static <K, V> @Nullable Node<K, V>[] bins(int number) {
    return new Node[number];
  }

  /**
   * Never below 0; the low bits choose the bin. Keys that are neighbours stay so within a page of
   * memory, since what is asked for often is often near: the last ids. Whatever varies above that
   * has a say in all bits, as in numbers that are times, with flags or zeros below.
   */
  private static int hash(Object key) {
    int hash = key.hashCode();
    int high = (hash >>> PAGE_BITS) * GOLDEN;
    return (hash ^ high ^ (high >>> 16)) & Integer.MAX_VALUE;
  }

  @SuppressWarnings("unchecked")
  private static <K, V> @Nullable Node<K, V> head(@Nullable Node<K, V>[] bins, int hash) {
    return (Node<K, V>) BIN.getAcquire(bins, hash & (bins.length - 1));
  }

  private static void setHead(@Nullable Node<?, ?>[] bins, int hash, @Nullable Node<?, ?> head) {
    BIN.setRelease(bins, hash & (bins.length - 1), head);
  }

  // ---- reads: no lock ----

  /** The key's node. It may be removed meanwhile: then it has no entry. */
  @Nullable Node<K, V> find(K key) {
    int hash = hash(key);
    for (@Nullable Node<K, V>[] all = bins; ; all = largerThan(all)) {
      for (Node<K, V> node = head(all, hash); node != null; node = node.next) {
        if (node.hash == hash && (node.key == key || node.key.equals(key))) {
          return node;
        }
      }
      if (!hasMoved(all, hash)) {
        return null;
      }
    }
  }

  /** M4. Waits while the chain is taken apart: a few nodes. */
  @SuppressWarnings("ThreadPriorityCheck") // who takes it apart may need the processor
  private static <K, V> boolean hasMoved(@Nullable Node<K, V>[] bins, int hash) {
    Node<K, V> head = head(bins, hash);
    while (head == MOVING) {
      Thread.yield();
      head = head(bins, hash);
    }
    return head == MOVED;
  }

  private @Nullable Node<K, V>[] largerThan(@Nullable Node<K, V>[] smaller) {
    @Nullable Node<K, V>[] doubled = larger;
    @Nullable Node<K, V>[] now = bins;
    return now == smaller ? Objects.requireNonNull(doubled) : now; // read in this order
  }

  int size() {
    return size;
  }

  // ---- changes ----

  /** Adds a key that is not there (M1). */
  Node<K, V> add(K key, Entry<V> entry, Ticket ticket) {
    Node<K, V> node = new Node<>(hash(key), key, ticket);
    Node<K, V> last;
    synchronized (this) {
      if (size >= bins.length / 4 * 3 && bins.length < BINS_MAX) {
        grow();
      }
      node.entry = entry;
      node.next = head(bins, node.hash);
      setHead(bins, node.hash, node);
      size++;
      last = lastIfTooLong(node);
      if (last != null) {
        unlink(last);
      }
    }
    if (last != null) {
      crowdedOut.accept(last);
    }
    return node;
  }

  /** M5. */
  private static <K, V> @Nullable Node<K, V> lastIfTooLong(Node<K, V> head) {
    int length = 1;
    Node<K, V> last = head;
    for (Node<K, V> next = last.next; next != null; next = last.next) {
      last = next;
      length++;
    }
    return length > CHAIN_MAX ? last : null;
  }

  /** Gives a node another entry (M1). False if it was removed. */
  synchronized boolean set(Node<K, V> node, Entry<V> entry, Ticket ticket) {
    if (node.entry == null) {
      return false;
    }
    node.ticket = ticket;
    node.entry = entry;
    return true;
  }

  /** Removes a node. Null if it is gone already; else the entry that it had. */
  synchronized @Nullable Entry<V> remove(Node<K, V> node) {
    Entry<V> removed = node.entry;
    if (removed != null) {
      unlink(node);
    }
    return removed;
  }

  /** Removes a node if it has this entry. */
  synchronized boolean remove(Node<K, V> node, Entry<V> entry) {
    return node.entry == entry && remove(node) != null;
  }

  /** Removes a node if it has this ticket. Null if not; else the entry that it had. */
  synchronized @Nullable Entry<V> remove(Node<K, V> node, Ticket ticket) {
    return node.ticket == ticket ? remove(node) : null;
  }

  synchronized void clear() {
    for (int bin = 0; bin < bins.length; bin++) {
      for (Node<K, V> node = head(bins, bin); node != null; node = node.next) {
        node.entry = null;
      }
      setHead(bins, bin, null);
    }
    size = 0;
  }

  private synchronized void unlink(Node<K, V> node) {
    node.entry = null; // M2
    size--;
    Node<K, V> before = head(bins, node.hash);
    if (before == node) {
      setHead(bins, node.hash, node.next);
      return;
    }
    while (before != null && before.next != node) {
      before = before.next;
    }
    Objects.requireNonNull(before, "a node with an entry is in its chain").next = node.next;
  }

  /** Doubles the bins. Under the lock. */
  private void grow() {
    @Nullable Node<K, V>[] small = bins;
    @Nullable Node<K, V>[] large = bins(2 * small.length);
    larger = large;
    for (int bin = 0; bin < small.length; bin++) {
      Node<K, V> chain = head(small, bin);
      setHead(small, bin, MOVING);
      takeApart(chain, large);
      setHead(small, bin, MOVED);
    }
    bins = large;
    larger = null;
  }

  /** Each node comes at the head of its chain in the larger bins. */
  private static <K, V> void takeApart(@Nullable Node<K, V> chain, @Nullable Node<K, V>[] large) {
    for (Node<K, V> node = chain; node != null; ) {
      Node<K, V> after = node.next;
      Node<K, V> head = head(large, node.hash);
      if (after != head) { // most chains are of one node: nothing changes in these
        node.next = head;
      }
      setHead(large, node.hash, node);
      node = after;
    }
  }

  // ---- walks ----

  /**
   * Whatever is there from beginning to end is met once. Holds the lock for {@value #STEP} bins at
   * a time.
   */
  Iterator<Map.Entry<K, Entry<V>>> iterator() {
    return new Walk();
  }

  /**
   * The nodes of a bin of so many, which are in several if there are more bins by now.
   *
   * @param number a power of two, no greater than that of the bins
   */
  private void collect(int bin, int number, Queue<Node<K, V>> found) {
    for (int each = bin; each < bins.length; each += number) {
      for (Node<K, V> node = head(bins, each); node != null; node = node.next) {
        found.add(node);
      }
    }
  }

  private final class Walk implements Iterator<Map.Entry<K, Entry<V>>> {
    private final int number = bins.length;
    private final Queue<Node<K, V>> found = new ArrayDeque<>();
    private int bin;
    private Map.@Nullable Entry<K, Entry<V>> next;

    @Override
    public boolean hasNext() {
      while (next == null) {
        Node<K, V> node = found.poll();
        if (node != null) {
          Entry<V> entry = node.entry;
          next = entry == null ? null : Map.entry(node.key, entry);
        } else if (bin < number) {
          step();
        } else {
          return false;
        }
      }
      return true;
    }

    private void step() {
      synchronized (EntryMap.this) {
        for (int end = bin + STEP; bin < end; bin++) {
          collect(bin, number, found);
        }
      }
    }

    @Override
    public Map.Entry<K, Entry<V>> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Map.Entry<K, Entry<V>> result = Objects.requireNonNull(next);
      next = null;
      return result;
    }
  }
}
