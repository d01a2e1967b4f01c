// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget.Aside;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Refused;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One flush: the position and all changes, in one transaction of the database.
 *
 * <pre>
 *   stage      lost      conflict, passing   refused
 *   POSITION   again     TryAgain            TryAgain: no change is to blame
 *   CHANGES    again     TryAgain            with more effort
 *   ASIDE      —         —                   TryAgain, whatever keeps it from being set aside
 *   COMMIT     Unknown   TryAgain            with more effort
 * </pre>
 *
 * "Again" is on another connection, a few times, then TryAgain. "With more effort", from the start:
 *
 * <pre>
 *   FAST        as few statements as can be
 *   CAREFUL     in the order in which they came; only if that can be the reason, see
 *               {@link Dialect#mayPassWithCare}
 *   ISOLATING   what is refused is found and set aside, the rest is applied: {@link Isolation}
 *               └─ refused nevertheless: TryAgain
 * </pre>
 *
 * <p>The position is moved first. That locks its row until the end, so that two who flush the same
 * log, or flush and claim it, go one after the other, and the one who is too late learns it before
 * he has done anything. Moved last, both would do all the work, might wait for each other's rows
 * until the database gives one of them up, and only then find out. The price: a claim waits for the
 * flush that runs.
 */
final class Flush {

  private enum Stage {
    POSITION,
    CHANGES,
    ASIDE,
    COMMIT
  }

  private enum Effort {
    FAST,
    CAREFUL,
    ISOLATING
  }

  private final Dialect dialect;
  private final Connections connections;
  private final JdbcFlushTarget target;
  private final Stretch stretch;
  private final Aside aside;
  private final List<Run.Item> items = new ArrayList<>();

  private Effort effort = Effort.FAST;
  private Stage stage = Stage.POSITION;
  private boolean inTransaction;
  private @Nullable Run current;

  /**
   * @param target of this database
   */
  Flush(
      JdbcFlushTarget target,
      Connections connections,
      List<Transaction.Part<?, ?>> changes,
      Stretch stretch,
      Aside aside) {
    JdbcDatabase database = target.database();
    this.dialect = database.dialect();
    this.connections = connections;
    this.target = target;
    this.stretch = stretch;
    this.aside = aside;
    for (int place = 0; place < changes.size(); place++) {
      Run.Shape like = place == 0 ? null : items.get(place - 1).shape;
      items.add(item(database, place, changes.get(place), like));
    }
  }

  /** To {@link Batch} each change is a transaction of its own: it may keep them apart. */
  @SuppressWarnings("unchecked") // a TableStore's change is of a key and a row
  private static Run.Item item(
      JdbcDatabase database, int place, Transaction.Part<?, ?> part, Run.@Nullable Shape like) {
    if (part.store() instanceof TableStore store && store.group() == database) {
      return new Run.Item(place, store.table(), (Change<Object, Row>) part.change(), like);
    }
    throw new ConfigurationException(part.store() + " is not a table of this database");
  }

  Flushed apply() {
    for (int retry = 0; ; retry++) {
      try (Connections.Loan loan = connections.borrow(retry)) {
        Flushed flushed = attempt(loan, retry < Connections.RETRIES_MAX);
        if (flushed != null) {
          return flushed;
        }
      } catch (StoreAwayException e) { // from borrow: attempt throws nothing
        return new Flushed.TryAgain(e);
      }
    }
  }

  /** Null if it is to be tried again, on another connection or with more effort. */
  private @Nullable Flushed attempt(Connections.Loan loan, boolean again) {
    stage = Stage.POSITION;
    inTransaction = false;
    current = null;
    PositionTable table = null;
    try {
      Session session = loan.session.patient();
      table = target.table(dialect, session);
      dialect.begin(session);
      inTransaction = true;
      Flushed flushed = run(session, table);
      connections.availability().up();
      return flushed;
    } catch (SQLException e) {
      Fault.Kind kind = dialect.kindOf(e);
      boolean lost = undo(loan, kind, e);
      if (lost && again && stage != Stage.COMMIT) {
        return null;
      } else if (kind == Fault.Kind.REFUSED && hasMoreEffort(e)) {
        return null;
      }
      return failed(e, table);
    } catch (RuntimeException e) {
      undo(loan, Fault.Kind.REFUSED, e);
      return hasMoreEffort(e) ? null : broken(e);
    } catch (Error e) {
      loan.rollBack(dialect, e);
      throw e;
    }
  }

  /** Whether it is worth more effort than was made, which then is made. */
  private boolean hasMoreEffort(Exception error) {
    boolean blamesChanges = stage == Stage.CHANGES || stage == Stage.COMMIT;
    if (!blamesChanges || effort == Effort.ISOLATING) {
      return false;
    }
    boolean mayPass = error instanceof SQLException sql && dialect.mayPassWithCare(sql);
    boolean careful = effort == Effort.FAST && items.size() > 1 && mayPass;
    effort = careful ? Effort.CAREFUL : Effort.ISOLATING;
    return true;
  }

  private Flushed run(Session session, PositionTable table) throws SQLException {
    if (!table.move(session, stretch)) {
      inTransaction = false;
      dialect.rollback(session);
      Claim now = table.read(session, stretch.log());
      return new Flushed.Overtaken(now == null ? new Claim(0, 0) : now);
    }
    stage = Stage.CHANGES;
    if (effort == Effort.ISOLATING) {
      List<Refused> refused = new Isolation(dialect, session, FlushOrder.of(items)).apply();
      stage = Stage.ASIDE;
      if (!refused.isEmpty()) {
        aside.take(refused);
      }
    } else {
      applyAll(session, /* careful= */ effort == Effort.CAREFUL);
    }
    stage = Stage.COMMIT;
    aside.committing();
    dialect.commit(session);
    return new Flushed.Applied();
  }

  private void applyAll(Session session, boolean careful) throws SQLException {
    if (items.isEmpty()) {
      return;
    } else if (careful) {
      dialect.deferConstraints(session);
    }
    for (Run run : Batch.runs(careful ? items : FlushOrder.of(items), Integer.MAX_VALUE)) {
      current = run;
      dialect.flush(session, run, careful);
    }
    current = null;
  }

  /** Rolls back, unless the connection is lost; answers whether it is. */
  private boolean undo(Connections.Loan loan, Fault.Kind kind, Throwable error) {
    boolean lost = kind.isLost();
    if (lost) {
      loan.broken();
    } else if (inTransaction) {
      loan.rollBack(dialect, error);
    }
    return lost;
  }

  private Flushed failed(SQLException error, @Nullable PositionTable table) {
    Fault.Kind kind = dialect.kindOf(error);
    boolean lost = kind.isLost();
    if (lost && stage == Stage.COMMIT) {
      connections.availability().notKnown(error);
      return new Flushed.Unknown(unknown(error));
    } else if (lost) {
      connections.availability().down(error);
      return new Flushed.TryAgain(Fault.passing(dialect, error, what()));
    }
    connections.availability().up();
    if (kind == Fault.Kind.REFUSED && stage == Stage.POSITION) {
      String why = JdbcFlushTarget.unusable(dialect, table, error);
      return new Flushed.TryAgain(new StoreAwayException(why, error));
    }
    return new Flushed.TryAgain(Fault.passing(dialect, error, what()));
  }

  private OutcomeUnknownException unknown(SQLException error) {
    return new OutcomeUnknownException(
        what()
            + ": the connection was lost while the database was committing; the position noted for"
            + " the log tells whether it did: "
            + Fault.told(error, dialect.codeOf(error)),
        error);
  }

  /**
   * The table for positions cannot be made; or what was refused cannot be set aside; or a bug that
   * no change is to blame for.
   */
  private Flushed broken(RuntimeException error) {
    connections.availability().up();
    String reason = error instanceof CacheException ? error.getMessage() : error.toString();
    String what =
        stage == Stage.ASIDE
            ? what()
                + ": what the database refused of it could not be set aside, so that none of"
                + " it was applied: "
            : what() + ": ";
    return new Flushed.TryAgain(new StoreAwayException(what + reason, error));
  }

  private String what() {
    Run run = current;
    if (run == null) {
      return String.format(
          "flush of log %s from %d to %d, %d changes",
          stretch.log(), stretch.from(), stretch.to(), items.size());
    }
    Run.Item item = run.current();
    List<Object> keys =
        item == null ? run.items().stream().map(each -> each.key).toList() : List.of(item.key);
    return Fault.named(run.table(), keys);
  }
}
