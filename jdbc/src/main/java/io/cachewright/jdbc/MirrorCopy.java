// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.CacheException;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.MirrorTarget.Aside;
import io.cachewright.store.MirrorTarget.Entries;
import io.cachewright.store.MirrorTarget.Mirrored;
import io.cachewright.store.MirrorTarget.Refused;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a whole keyspace into its table, in one transaction of the database.
 *
 * <pre>
 *   lock the position ─► delete all rows ─► portions, one after another ─► what was refused aside
 *                    ─► move the position ─► commit
 * </pre>
 *
 * <p>Others see the rows from before until it commits, and an interrupted one leaves them. Like a
 * {@link Flush} it takes the short way first, and if something of it is refused, begins anew and
 * finds out what. Unlike that it is not tried again here when the connection is lost: the caller
 * does, with entries that are newer by then.
 */
final class MirrorCopy<K, V> {
  private final Dialect dialect;
  private final JdbcDatabase database;
  private final Connections connections;
  private final JdbcMirror.Claimed<K, V> claimed;
  private final Claim at;
  private final Aside<K, V> aside;

  /** What was refused of the attempt that runs, by key; the last of a key counts. */
  private final Map<K, Refused<K, V>> refused = new HashMap<>();

  private boolean isolating;
  private boolean inTransaction;
  private boolean committing;

  /** Whether what fails may be the entries' fault. */
  private boolean writing;

  MirrorCopy(
      JdbcDatabase database,
      Connections connections,
      JdbcMirror.Claimed<K, V> claimed,
      Claim at,
      Aside<K, V> aside) {
    this.dialect = database.dialect();
    this.database = database;
    this.connections = connections;
    this.claimed = claimed;
    this.at = at;
    this.aside = aside;
  }

  Flushed apply(Supplier<Entries<K, V>> entries) {
    try {
      Flushed flushed = attempt(entries);
      if (flushed == null) {
        isolating = true;
        flushed = attempt(entries);
      }
      return flushed != null ? flushed : tryAgain("it was refused, whatever was left out", null);
    } catch (StoreAwayException e) { // there is no connection
      return new Flushed.TryAgain(e);
    }
  }

  /** Null if it is to be tried again with more effort. */
  private @Nullable Flushed attempt(Supplier<Entries<K, V>> entries) {
    refused.clear();
    inTransaction = false;
    committing = false;
    writing = false;
    try (Connections.Loan loan = connections.borrow()) {
      try {
        Session session = loan.session.patient();
        PositionTable positions = database.positions().table(dialect, session);
        dialect.begin(session);
        inTransaction = true;
        Flushed flushed = run(session, positions, entries.get());
        connections.availability().up();
        return flushed;
      } catch (SQLException e) {
        return failed(loan, e);
      } catch (RuntimeException e) {
        rollBack(loan, e);
        return writing && !isolating && !(e instanceof CacheException)
            ? null
            : tryAgain(e instanceof CacheException ? e.getMessage() : e.toString(), e);
      } catch (Error e) {
        loan.rollBack(dialect, e);
        throw e;
      }
    }
  }

  private Flushed run(Session session, PositionTable positions, Entries<K, V> entries)
      throws SQLException {
    String name = claimed.name();
    Stretch lock = new Stretch(name, at.epoch(), at.position(), at.position());
    if (!positions.move(session, lock)) {
      inTransaction = false;
      dialect.rollback(session);
      Claim now = positions.read(session, name);
      return new Flushed.Overtaken(now == null ? new Claim(0, 0) : now);
    }
    session.execute("delete from " + claimed.table().store().table().traits().sql());
    for (List<Mirrored<K, V>> each = entries.next(); each != null; each = entries.next()) {
      writing = true;
      write(session, each);
      writing = false;
    }
    if (!refused.isEmpty()) {
      aside.take(List.copyOf(refused.values()));
    }
    positions.move(session, new Stretch(name, at.epoch(), at.position(), entries.to()));
    committing = true;
    dialect.commit(session);
    return new Flushed.Applied();
  }

  private void write(Session session, List<Mirrored<K, V>> portion) throws SQLException {
    List<Run.Item> items = new ArrayList<>(portion.size());
    Run.Shape like = null;
    for (int place = 0; place < portion.size(); place++) {
      Mirrored<K, V> each = portion.get(place);
      refused.remove(each.key());
      Change<Object, Row> change =
          JdbcMirror.change(claimed.table(), each, unfit -> refused.put(each.key(), unfit));
      if (change != null) {
        Run.Item item = new Run.Item(place, claimed.table().store().table(), change, like);
        like = item.shape;
        items.add(item);
      }
    }
    List<Run.Item> order = FlushOrder.of(items);
    if (items.isEmpty()) {
      return;
    } else if (isolating) {
      for (FlushTarget.Refused each : new Isolation(dialect, session, order).apply()) {
        Mirrored<K, V> what = portion.get(each.place());
        refused.put(what.key(), new Refused<>(what, each.cause()));
      }
      session.execute("release savepoint " + Dialect.BLOCK);
      return;
    }
    for (Run run : Batch.runs(order, Integer.MAX_VALUE)) {
      dialect.flush(session, run, /* careful= */ false);
    }
  }

  private @Nullable Flushed failed(Connections.Loan loan, SQLException error) {
    Fault.Kind kind = dialect.kindOf(error);
    boolean lost = kind.isLost();
    if (lost) {
      loan.broken();
    } else {
      rollBack(loan, error);
    }
    if (lost && committing) {
      connections.availability().notKnown(error);
      return new Flushed.Unknown(
          new OutcomeUnknownException(
              what()
                  + ": the connection was lost while the database was committing; the position"
                  + " noted tells whether it did: "
                  + Fault.told(error, dialect.codeOf(error)),
              error));
    } else if (lost) {
      connections.availability().down(error);
    } else {
      connections.availability().up();
      if (kind == Fault.Kind.REFUSED && (writing || committing) && !isolating) {
        return null;
      }
    }
    return new Flushed.TryAgain(Fault.passing(dialect, error, what()));
  }

  private void rollBack(Connections.Loan loan, Throwable error) {
    if (inTransaction) {
      loan.rollBack(dialect, error);
    }
  }

  private Flushed tryAgain(@Nullable String reason, @Nullable RuntimeException cause) {
    return new Flushed.TryAgain(new StoreAwayException(what() + ": " + reason, cause));
  }

  private String what() {
    return "copy into the mirror's " + claimed.table().store();
  }
}
