// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.Outcome;
import io.cachewright.store.Store;
import io.cachewright.store.StoreGroup;
import io.cachewright.store.Transaction;
import io.cachewright.store.ValueType;
import io.cachewright.store.Written;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A database in memory with tables, transactions and constraints, that a test can hold up, make
 * fail and look into. Like a SQL database it rolls a whole batch back when one row of it is
 * refused.
 */
public final class MemoryDatabase implements StoreGroup, FlushTarget {
  public final Gate loads = new Gate();
  public final Gate commits = new Gate();

  /** Between the end of a flush's transaction and its answer. */
  public final Gate committed = new Gate();

  public final List<Integer> loadSizes = Collections.synchronizedList(new ArrayList<>());
  public final List<Integer> commitSizes = Collections.synchronizedList(new ArrayList<>());
  public volatile Predicate<Object> refuses = value -> false;
  public volatile boolean away;

  /** What becomes of the next commit: null as usual, true made but unknown, false not made. */
  public volatile @Nullable Boolean nextUnknown;

  /** A table of opaque values. */
  public <V> Table<V> table() {
    return new Table<>(ValueType.opaque());
  }

  /** A table of values of this type. */
  public <V> Table<V> table(ValueType<V> values) {
    return new Table<>(values);
  }

  /** A table of rows: puts touch the columns they name. */
  public Table<Row> rows() {
    return new Table<>(ValueType.ROW);
  }

  /** One table: a store over a map. */
  public final class Table<V> implements Store<Integer, V> {
    private final ValueType<V> values;
    private final Map<Integer, V> rows = new HashMap<>();

    private Table(ValueType<V> values) {
      this.values = values;
    }

    /** What the database has, past every cache. */
    public @Nullable V select(int key) {
      synchronized (MemoryDatabase.this) {
        return rows.get(key);
      }
    }

    /** What some other application writes. */
    public void insert(int key, V value) {
      synchronized (MemoryDatabase.this) {
        rows.put(key, value);
      }
    }

    @Override
    public Map<Integer, V> load(Collection<Integer> keys) {
      loadSizes.add(keys.size());
      Map<Integer, V> found = new HashMap<>();
      synchronized (MemoryDatabase.this) {
        for (Integer key : keys) {
          V value = rows.get(key);
          if (value != null) {
            found.put(key, value);
          }
        }
      }
      loads.pass(); // after the look, so that a test can let a write come in between
      if (away) {
        throw new StoreAwayException("connection refused");
      }
      return found;
    }

    @Override
    public List<Outcome<Written<V>>> apply(List<Change<Integer, V>> changes) {
      throw new UnsupportedOperationException("the group is asked");
    }

    @Override
    public ValueType<V> values() {
      return values;
    }

    @Override
    public StoreGroup group() {
      return MemoryDatabase.this;
    }

    private Written<V> apply(Change<Integer, V> change) {
      V present = rows.get(change.key());
      if (change instanceof Change.Remove) {
        rows.remove(change.key());
        return new Written<>(null, present != null);
      } else if (change instanceof Change.Insert<Integer, V> insert) {
        rows.putIfAbsent(change.key(), check(insert.value()));
      } else if (change instanceof Change.Put<Integer, V> put) {
        V next =
            present == null ? values.overNothing(put.value()) : values.over(present, put.value());
        rows.put(change.key(), check(next));
      }
      return new Written<>(rows.get(change.key()), present != null);
    }

    private V check(V value) {
      if (refuses.test(value)) {
        throw new RefusedException("check constraint: " + value, "23514", null);
      }
      return value;
    }
  }

  @Override
  public List<Outcome<List<Written<?>>>> apply(List<Transaction> transactions) {
    commitSizes.add(transactions.size());
    commits.pass();
    synchronized (this) {
      if (away) {
        return each(transactions, new Outcome.TryAgain<>(new StoreAwayException("away")));
      }
      Deque<Runnable> undo = new ArrayDeque<>();
      List<Outcome<List<Written<?>>>> outcomes = new ArrayList<>();
      try {
        for (Transaction transaction : transactions) {
          List<Written<?>> written = new ArrayList<>();
          transaction.parts().forEach(part -> written.add(apply(part, undo)));
          outcomes.add(new Outcome.Applied<>(written));
        }
      } catch (RefusedException e) {
        undo.forEach(Runnable::run);
        return each(
            transactions,
            transactions.size() == 1 ? new Outcome.Refused<>(e) : new Outcome.Undone<>());
      }
      Boolean made = nextUnknown;
      if (made != null) {
        nextUnknown = null;
        if (!made) {
          undo.forEach(Runnable::run);
        }
        return each(
            transactions,
            new Outcome.Unknown<>(new OutcomeUnknownException("connection lost during commit")));
      }
      return outcomes;
    }
  }

  @SuppressWarnings("unchecked") // a part's change is of its store's types
  private <K, V> Written<?> apply(Transaction.Part<K, V> part, Deque<Runnable> undo) {
    Table<V> table = (Table<V>) part.store();
    Change<Integer, V> change = (Change<Integer, V>) part.change();
    V before = table.rows.get(change.key());
    undo.push(() -> table.rows.compute(change.key(), (key, now) -> before));
    return table.apply(change);
  }

  // ---- flushes ----

  private final Map<String, Claim> positions = new HashMap<>();

  @Override
  public FlushTarget flushTarget() {
    return this;
  }

  @Override
  public synchronized Claim claim(String log) {
    Claim before = positions.getOrDefault(log, new Claim(0, 0));
    Claim now = new Claim(before.epoch() + 1, before.position());
    positions.put(log, now);
    return now;
  }

  @Override
  public synchronized Claim read(String log) {
    if (away) {
      throw new StoreAwayException("away");
    }
    return positions.getOrDefault(log, new Claim(0, 0));
  }

  /** What somebody does by hand. */
  public synchronized void set(String log, Claim next) {
    positions.put(log, next);
  }

  @Override
  public Flushed flush(List<Transaction.Part<?, ?>> changes, Stretch stretch, Aside aside) {
    commitSizes.add(changes.size());
    commits.pass();
    Flushed flushed = flushNow(changes, stretch, aside);
    committed.pass();
    return flushed;
  }

  private Flushed flushNow(List<Transaction.Part<?, ?>> changes, Stretch stretch, Aside aside) {
    synchronized (this) {
      if (away) {
        return new Flushed.TryAgain(new StoreAwayException("away"));
      }
      Claim now = read(stretch.log());
      if (!now.equals(new Claim(stretch.epoch(), stretch.from()))) {
        return new Flushed.Overtaken(now);
      }
      Deque<Runnable> undo = new ArrayDeque<>();
      List<Refused> refused = new ArrayList<>();
      Set<Place> behind = new HashSet<>();
      for (int i = 0; i < changes.size(); i++) {
        Place place = new Place(changes.get(i).store(), changes.get(i).change().key());
        try {
          if (!behind.contains(place)) {
            apply(changes.get(i), undo);
          }
        } catch (RefusedException e) {
          refused.add(new Refused(i, e));
          behind.add(place);
        }
      }
      try {
        if (!refused.isEmpty()) {
          aside.take(refused);
        }
      } catch (CacheException e) {
        undo.forEach(Runnable::run);
        return new Flushed.TryAgain(new StoreAwayException("cannot park", e));
      }
      aside.committing();
      Boolean made = nextUnknown;
      nextUnknown = null;
      if (made != null && !made) {
        undo.forEach(Runnable::run);
      } else {
        positions.put(stretch.log(), new Claim(stretch.epoch(), stretch.to()));
      }
      return made == null
          ? new Flushed.Applied()
          : new Flushed.Unknown(new OutcomeUnknownException("connection lost during commit"));
    }
  }

  private record Place(Object store, Object key) {}

  private static List<Outcome<List<Written<?>>>> each(
      List<Transaction> transactions, Outcome<List<Written<?>>> outcome) {
    return new ArrayList<>(Collections.nCopies(transactions.size(), outcome));
  }
}
