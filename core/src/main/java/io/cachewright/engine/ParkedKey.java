// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.store.Change;
import java.util.ArrayList;
import java.util.List;

/**
 * What is parked of a key: a change that its store refused, and the later ones, which wait behind
 * it. Immutable.
 *
 * @param id of its file
 * @param sequence of the newest change in it
 * @param changes in their order; coalesced if the keyspace says so
 * @param retryFrom it is to be tried again with the first flush that reaches this sequence; 0: it
 *     is not
 */
record ParkedKey<K, V>(
    long id,
    Space<K, V> space,
    K key,
    long sequence,
    List<Change<K, V>> changes,
    Reason reason,
    long retryFrom) {

  /**
   * Why it is parked.
   *
   * @param sqlState empty if the store has none
   * @param since in milliseconds since 1970
   * @param tries how often the store has refused it
   */
  record Reason(String sqlState, String message, long since, int tries) {}

  boolean isOf(Space<?, ?> other, Object otherKey) {
    return space == other && key.equals(otherKey);
  }

  /** All of it as one. */
  Waiting<V> waiting() {
    Waiting<V> sum = Waiting.of(sequence, changes.get(0), space.values());
    for (Change<K, V> change : changes.subList(1, changes.size())) {
      sum = sum.and(sequence, change, space.values());
    }
    return sum;
  }

  /** This, and then a later change. */
  ParkedKey<K, V> and(long next, Change<K, V> change) {
    List<Change<K, V>> more =
        space.options().writeBehind().coalesce()
            ? waiting().and(next, change, space.values()).changes(key)
            : appended(change);
    return new ParkedKey<>(id, space, key, next, more, reason, retryFrom);
  }

  /** This and the change as one, coalesced or not: the store would refuse the steps again. */
  ParkedKey<K, V> mended(Change<K, V> change) {
    return with(waiting().and(sequence, change, space.values()).changes(key));
  }

  private List<Change<K, V>> appended(Change<K, V> change) {
    List<Change<K, V>> more = new ArrayList<>(changes);
    more.add(change);
    return List.copyOf(more);
  }

  ParkedKey<K, V> withRetryFrom(long next) {
    return new ParkedKey<>(id, space, key, sequence, changes, reason, next);
  }

  /** The same with other changes in place of what the store refused. */
  ParkedKey<K, V> with(List<Change<K, V>> others) {
    return new ParkedKey<>(id, space, key, sequence, others, reason, retryFrom);
  }

  /** About how much memory it takes, in bytes. */
  long bytes() {
    long bytes = 0;
    for (Change<K, V> change : changes) {
      bytes += Generation.bytesOf(change, space.values());
    }
    return bytes;
  }

  /** The store has it, and all else up to this sequence. Under the write lock. */
  void stored(long to) {
    if (space.values().isComputed()) {
      space.effects().computed(key, to);
    }
  }

  /** What is to be flushed of it. */
  List<Generation.Due<K, V>> due() {
    return changes.stream().map(each -> new Generation.Due<>(space, each, sequence)).toList();
  }
}
