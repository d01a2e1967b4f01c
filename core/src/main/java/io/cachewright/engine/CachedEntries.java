// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.cachewright.KeyspaceOptions;
import io.cachewright.engine.EntryMap.Node;
import io.cachewright.store.ValueType;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Entries that are a copy of what a store has, or can be made anew: they may leave by themselves.
 *
 * <pre>
 *   map      a node for every entry: all that a hit looks at
 *   policy   the nodes and their tickets in Caffeine, which chooses those that leave
 * </pre>
 *
 * <p>Caffeine has a map of its own, and a node for each entry. A hit found by way of these looks at
 * one more object in cold memory, and at the code for what most hits do not need: it takes up to
 * twice as long. The second map and the tickets cost about 64 bytes an entry.
 *
 * <p>T2: the weights of all entries stay under {@code maximumBytes} and their number under {@code
 * maximumSize}: the least useful are evicted. T5: the policy has every node of the map, so that
 * each can leave: whoever changes both changes the map first, and what leaves the policy leaves the
 * map with it. (It may have one more for a while, that has expired meanwhile and was read.)
 *
 * <p>T6: most puts replace a value by its like: one of the same weight (in steps of {@value
 * #WEIGHT_STEP} bytes), and neither expires. To the policy that is a use of the key, as a read is.
 * It is told of uses from when half of the room is taken, for before that nothing will be evicted
 * for long, or from when some entry can expire, for it reclaims those; but not while upkeep that it
 * has asked for is due (its buffer of uses is full).
 *
 * <p>T7: of such an entry itself the policy is not told: its node keeps the ticket. With any other
 * the node gets a new one. When the policy lets go of a ticket, the node leaves if it still has
 * that: so what was put in place of an expired entry does not leave with it. (The policy has
 * tickets, not entries, since it would keep the values that were replaced.)
 */
final class CachedEntries<K, V> implements EntryTable<K, V> {
  private static final int WEIGHT_STEP = 64;

  private final EntryMap<K, V> map = new EntryMap<>(this::crowdedOut);
  private final Cache<Node<K, V>, Ticket> policy;
  private final Clock clock;
  private final LongAdder evictions = new LongAdder();
  private final ValueType<V> values;
  private final Engine engine;
  private final boolean reclaims;
  private final long half;
  private final long weightMin;

  /**
   * What time it was a moment ago, which is all that Caffeine is told: {@link #get} looks at the
   * clock itself (T1), so that Caffeine need only reclaim memory, and a hit costs one look instead
   * of two.
   */
  private volatile long roughly;

  /** Whether upkeep has been asked for that is still to be done. */
  private volatile boolean upkeepDue;

  /** Whether {@link #keepUp} will be run. Set under Caffeine's lock. */
  private volatile boolean upkeepQueued;

  /** T6, but for upkeep that is due. Set under the write lock. */
  private volatile boolean takesNotice;

  /** T6. */
  private volatile boolean tellsUses;

  /** Whether a writer tells the policy no more than a reader does. Under the write lock. */
  private boolean onlyUses;

  /** At least what the entries weigh. Under the write lock. */
  private long weighed;

  CachedEntries(KeyspaceOptions options, SpaceSpec<K, V> spec, Engine engine) {
    this.values = spec.values();
    this.reclaims = spec.reclaims();
    this.engine = engine;
    this.clock = engine.clock();
    this.roughly = clock.nanos();
    // Caffeine takes one bound. An entry weighs at least its share of the bytes, so that the bound
    // on bytes is also the bound on the number of entries. A weight is an int: where the share is
    // more, the bound on bytes is left to the number of entries.
    long share = Math.max(1, options.maximumBytes() / options.maximumSize());
    this.weightMin = Math.min(Integer.MAX_VALUE, share);
    long bound =
        share > Integer.MAX_VALUE ? weightMin * options.maximumSize() : options.maximumBytes();
    this.half = bound / 2;
    Caffeine<Node<K, V>, Ticket> builder =
        Caffeine.newBuilder().executor(this::askForUpkeep).evictionListener(this::left);
    builder.maximumWeight(bound).weigher((Node<K, V> node, Ticket ticket) -> weigh(ticket));
    this.policy =
        (reclaims
                ? builder
                    .ticker(() -> roughly)
                    .expireAfter(new Times<Node<K, V>, Ticket>(ticket -> ticket.expiresAt))
                : builder)
            .build();
  }

  // ---- reads ----

  @Override
  public @Nullable Entry<V> get(K key) {
    Node<K, V> node = map.find(key);
    if (node == null) {
      return null;
    }
    Entry<V> entry = node.entry();
    if (entry == null) { // it has just left
      return null;
    } else if (entry.isExpired(clock)) {
      reclaim(node, entry);
      return null;
    }
    tellOfUse(node);
    return entry;
  }

  private void tellOfUse(Node<K, V> node) {
    if (tellsUses) {
      var unused = policy.getIfPresent(node);
    }
  }

  @Override
  public long size() {
    return map.size();
  }

  @Override
  public Iterator<Map.Entry<K, Entry<V>>> iterator() {
    return map.iterator();
  }

  @Override
  public long evictions() {
    return evictions.sum();
  }

  // ---- changes: the map first (T5) ----

  @Override
  public void put(K key, Entry<V> entry) {
    int weight = weight(entry);
    Node<K, V> node = map.find(key);
    Ticket taken = node == null ? null : takenOver(node.ticket(), weight, entry);
    Ticket ticket = taken == null ? new Ticket(weight, entry.expiresAt()) : taken;
    if (node == null || !map.set(node, entry, ticket)) { // it was not there, or has left just now
      putIntoPolicy(map.add(key, entry, ticket), ticket);
    } else if (taken != null) { // T6
      onlyUses = true;
      tellOfUse(node);
      onlyUses = false;
      return;
    } else {
      putIntoPolicy(node, ticket);
    }
    if (upkeepDue) { // then Caffeine has not asked this writer for any
      settle();
    }
  }

  /** T7: the ticket of what is there, if the next is its like. */
  private static @Nullable Ticket takenOver(Ticket present, int weight, Entry<?> next) {
    return present.weight == weight
            && present.expiresAt == Entry.NEVER
            && next.expiresAt() == Entry.NEVER
        ? present
        : null;
  }

  private void putIntoPolicy(Node<K, V> node, Ticket ticket) {
    policy.put(node, ticket);
    if (!takesNotice) {
      lookWhetherToTakeNotice(ticket);
    }
  }

  @Override
  public boolean replace(K key, Entry<V> present, Entry<V> next) {
    Node<K, V> node = map.find(key);
    Ticket ticket = new Ticket(weight(next), next.expiresAt());
    if (node == null || node.entry() != present || !map.set(node, next, ticket)) {
      return false;
    }
    putIntoPolicy(node, ticket);
    return true;
  }

  private void reclaim(Node<K, V> node, Entry<V> entry) {
    if (map.remove(node, entry)) {
      policy.invalidate(node);
    }
  }

  @Override
  public @Nullable Entry<V> remove(K key) {
    Node<K, V> node = map.find(key);
    Entry<V> removed = node == null ? null : map.remove(node);
    if (node == null || removed == null) {
      return null;
    }
    policy.invalidate(node);
    return removed.isExpired(clock) ? null : removed;
  }

  @Override
  public void clear() {
    map.clear();
    policy.invalidateAll();
  }

  // ---- what the policy asks for ----

  private int weigh(Ticket ticket) {
    weighed += ticket.weight;
    return ticket.weight;
  }

  private int weight(Entry<V> entry) {
    long steps = (EntryTable.bytes(entry, values) + WEIGHT_STEP - 1) / WEIGHT_STEP;
    return (int) Math.min(Integer.MAX_VALUE, Math.max(weightMin, steps * WEIGHT_STEP));
  }

  /** T6. What was put may be gone again, or have been replaced: only then is there need to ask. */
  private void lookWhetherToTakeNotice(Ticket put) {
    if (weighed >= half) {
      weighed = policy.policy().eviction().orElseThrow().weightedSize().orElseThrow();
    }
    if (weighed >= half || reclaims && put.expiresAt != Entry.NEVER) {
      takesNotice = true;
      tellsUses = true;
    }
  }

  /** For tests. */
  boolean tellsUses() {
    return tellsUses;
  }

  private void left(@Nullable Node<K, V> node, @Nullable Ticket ticket, RemovalCause cause) {
    if (node != null && ticket != null) {
      Entry<V> entry = map.remove(node, ticket); // T7
      if (entry != null && !entry.isExpired(clock)) {
        evictions.increment();
      }
    }
  }

  /** M5 of {@link EntryMap}. */
  private void crowdedOut(Node<K, V> node) {
    evictions.increment();
    policy.invalidate(node);
  }

  /**
   * Caffeine wants its upkeep done. A writer does it at once, so that the bounds hold when it
   * leaves (T2), and because that is cheaper than to wake another thread; who only uses what is
   * there leaves it to {@link Upkeep}.
   */
  private void askForUpkeep(Runnable task) {
    if (engine.isLockedByMe() && !onlyUses) {
      lookAtClock();
      task.run();
      return;
    }
    upkeepDue = true;
    tellsUses = false;
    if (!upkeepQueued) {
      upkeepQueued = true;
      engine.upkeep().soon(this::keepUp);
    }
  }

  private void keepUp() {
    upkeepQueued = false;
    settle();
  }

  @Override
  public void settle() {
    upkeepDue = false;
    lookAtClock();
    policy.cleanUp();
    tellsUses = takesNotice;
  }

  private void lookAtClock() {
    if (reclaims) {
      roughly = clock.nanos();
    }
  }

  /** Each value knows its own time; reading it changes nothing. */
  static final class Times<K, T> implements Expiry<K, T> {
    private final ToLongFunction<T> expiresAt;

    Times(ToLongFunction<T> expiresAt) {
      this.expiresAt = expiresAt;
    }

    @Override
    public long expireAfterCreate(K key, T value, long now) {
      long end = expiresAt.applyAsLong(value);
      return end == Entry.NEVER ? Long.MAX_VALUE : end - now;
    }

    @Override
    public long expireAfterUpdate(K key, T value, long now, long remaining) {
      return expireAfterCreate(key, value, now);
    }

    @Override
    public long expireAfterRead(K key, T value, long now, long remaining) {
      return remaining;
    }
  }
}
