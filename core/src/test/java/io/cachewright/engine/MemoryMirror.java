// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.CacheException;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.RefusedException;
import io.cachewright.StoreAwayException;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.MirrorTarget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A mirror's table in memory, that a test can make fail and look into. */
final class MemoryMirror<K, V> implements MirrorTarget<K, V> {
  volatile Predicate<V> refuses = value -> false;
  volatile boolean away;

  /** What becomes of the next commit: null as usual, true made but unknown, false not made. */
  volatile @Nullable Boolean nextUnknown;

  /** Is told of each commit that is made: the table's rows, and the position they are of. */
  volatile BiConsumer<Map<K, V>, Long> committed = (rows, position) -> {};

  /** Is told of each look for rows that have expired. */
  volatile Runnable swept = () -> {};

  private Map<K, V> rows = new HashMap<>();
  private Claim claim = new Claim(0, 0);

  synchronized @Nullable V select(K key) {
    return rows.get(key);
  }

  synchronized Map<K, V> rows() {
    return new HashMap<>(rows);
  }

  /** Somebody changes where it stands. */
  synchronized void stands(Claim next) {
    claim = next;
  }

  @Override
  public synchronized Claim claim(String log) {
    checkThere();
    claim = new Claim(claim.epoch() + 1, claim.position());
    return claim;
  }

  @Override
  public synchronized Claim read(String log) {
    checkThere();
    return claim;
  }

  private void checkThere() {
    if (away) {
      throw new StoreAwayException("the table is away", null);
    }
  }

  @Override
  public Flushed flush(List<Mirrored<K, V>> changes, Stretch stretch, Aside<K, V> aside) {
    Map<K, V> next = rows();
    Map<K, Refused<K, V>> refused = new LinkedHashMap<>();
    apply(changes, next, refused);
    Claim before = new Claim(stretch.epoch(), stretch.from());
    return commit(next, before, stretch.to(), List.copyOf(refused.values()), aside);
  }

  @Override
  public Flushed copy(String log, Claim at, Supplier<Entries<K, V>> entries, Aside<K, V> aside) {
    Map<K, V> next = new HashMap<>();
    Map<K, Refused<K, V>> refused = new LinkedHashMap<>();
    Entries<K, V> all = entries.get();
    try {
      for (List<Mirrored<K, V>> each = all.next(); each != null; each = all.next()) {
        apply(each, next, refused);
      }
    } catch (CacheException e) {
      return new Flushed.TryAgain(new StoreAwayException(String.valueOf(e.getMessage()), e));
    }
    return commit(next, at, all.to(), new ArrayList<>(refused.values()), aside);
  }

  private void apply(List<Mirrored<K, V>> changes, Map<K, V> into, Map<K, Refused<K, V>> refused) {
    for (Mirrored<K, V> each : changes) {
      V value = each.value();
      refused.remove(each.key());
      if (value == null) {
        into.remove(each.key());
      } else if (refuses.test(value)) {
        refused.put(
            each.key(), new Refused<>(each, new RefusedException("refused: " + value, "", null)));
      } else {
        into.put(each.key(), value);
      }
    }
  }

  private synchronized Flushed commit(
      Map<K, V> next, Claim before, long to, List<Refused<K, V>> refused, Aside<K, V> aside) {
    if (away) {
      return new Flushed.TryAgain(new StoreAwayException("the table is away", null));
    } else if (!claim.equals(before)) {
      return new Flushed.Overtaken(claim);
    }
    try {
      if (!refused.isEmpty()) {
        aside.take(refused);
      }
    } catch (CacheException e) {
      return new Flushed.TryAgain(new StoreAwayException(String.valueOf(e.getMessage()), e));
    }
    Boolean made = nextUnknown;
    nextUnknown = null;
    if (made == null || made) {
      rows = next;
      claim = new Claim(before.epoch(), to);
      committed.accept(rows(), to);
    }
    return made == null
        ? new Flushed.Applied()
        : new Flushed.Unknown(new OutcomeUnknownException("connection lost during commit"));
  }

  @Override
  public void sweep(long now) {
    checkThere();
    swept.run();
  }
}
