// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.OutcomeUnknownException;
import io.cachewright.RefusedException;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.Outcome;
import io.cachewright.store.Transaction;
import io.cachewright.store.Written;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Applies transactions: all of them in one transaction of the database, or, if one statement does
 * it all, in autocommit mode, which saves two round trips.
 *
 * <p>What an error means depends on how far we had got:
 *
 * <pre>
 *   stage         lost      lost, surely before   conflict             passing    refused
 *   TRANSACTION   again     again                 TryAgain or Undone   TryAgain   Refused or Undone
 *   STATEMENT     Unknown   again                 TryAgain or Undone   TryAgain   Refused or Undone
 *   COMMIT        Unknown   Unknown               TryAgain or Undone   TryAgain   Refused or Undone
 *
 *   stage         answer cannot be read   went wrong here
 *   TRANSACTION   Refused or Undone       Refused or Undone
 *   STATEMENT     Unknown                 Refused or Undone
 *   COMMIT                                Unknown
 * </pre>
 *
 * "Again" is on another connection, a few times, then TryAgain. "Refused or Undone": Refused of the
 * transaction at fault if it is known or the only one; Undone of all others. A conflict is of one
 * row with somebody else, so it is TryAgain of a transaction that is alone, and Undone of several.
 */
final class Applier {

  private enum Stage {
    /** Before COMMIT is sent: what was done is undone when the connection goes. */
    TRANSACTION,
    /** One statement in autocommit mode is its own COMMIT. */
    STATEMENT,
    COMMIT
  }

  private final Dialect dialect;
  private final Connections connections;
  private final List<Transaction> transactions;
  private final List<Run.Item> items = new ArrayList<>();
  private final List<Run> runs;

  private Stage stage = Stage.TRANSACTION;
  private @Nullable Run current;

  Applier(
      JdbcDatabase database,
      Dialect dialect,
      Connections connections,
      List<Transaction> transactions) {
    this.dialect = dialect;
    this.connections = connections;
    this.transactions = transactions;
    for (int i = 0; i < transactions.size(); i++) {
      for (Transaction.Part<?, ?> part : transactions.get(i).parts()) {
        items.add(item(database, i, part));
      }
    }
    this.runs = Batch.runs(items, dialect.rowsMax());
  }

  @SuppressWarnings("unchecked") // a TableStore's change is of a key and a row
  private static Run.Item item(
      JdbcDatabase database, int transaction, Transaction.Part<?, ?> part) {
    if (part.store() instanceof TableStore store && store.group() == database) {
      return new Run.Item(transaction, store.table(), (Change<Object, Row>) part.change());
    }
    throw new ConfigurationException(part.store() + " is not a table of this database");
  }

  List<Outcome<List<Written<?>>>> apply() {
    if (items.isEmpty()) {
      return applied();
    }
    for (int retry = 0; ; retry++) {
      try (Connections.Loan loan = connections.borrow(retry)) {
        List<Outcome<List<Written<?>>>> outcomes = attempt(loan, retry);
        if (outcomes != null) {
          return outcomes;
        }
      } catch (StoreAwayException e) { // from borrow: attempt throws nothing
        return all(() -> new Outcome.TryAgain<>(e));
      }
    }
  }

  /** Null if it is to be tried again, on another connection. */
  private @Nullable List<Outcome<List<Written<?>>>> attempt(Connections.Loan loan, int retry) {
    try {
      items.forEach(Run.Item::forget);
      run(loan.session);
      connections.availability().up();
      return applied();
    } catch (SQLException e) {
      boolean again = undo(loan, e) && retry < Connections.RETRIES_MAX;
      return again ? null : failed(e);
    } catch (RuntimeException e) {
      undo(loan, e);
      return broken(e);
    } catch (Error e) {
      loan.rollBack(dialect, e);
      throw e;
    }
  }

  private void run(Session session) throws SQLException {
    boolean one = runs.size() == 1 && dialect.isOneStatement(runs.get(0));
    stage = one ? Stage.STATEMENT : Stage.TRANSACTION;
    current = null;
    if (!one) {
      dialect.begin(session);
    }
    for (Run run : runs) {
      current = run;
      dialect.apply(session, run);
    }
    current = null;
    stage = Stage.COMMIT; // of one statement: that is over, too
    if (!one) {
      dialect.commit(session);
    }
  }

  /** Rolls back. Answers whether the same can be tried again at once, on another connection. */
  private boolean undo(Connections.Loan loan, Throwable error) {
    Fault.Kind kind = error instanceof SQLException sql ? dialect.kindOf(sql) : Fault.Kind.REFUSED;
    boolean lost = kind.isLost();
    if (lost) {
      loan.broken();
    } else if (stage != Stage.STATEMENT) {
      loan.rollBack(dialect, error);
    }
    return lost && !isUnknown(kind);
  }

  private boolean isUnknown(Fault.Kind kind) {
    return switch (stage) {
      case TRANSACTION -> false;
      case STATEMENT -> kind == Fault.Kind.LOST;
      case COMMIT -> kind.isLost();
    };
  }

  private List<Outcome<List<Written<?>>>> failed(SQLException error) {
    Fault.Kind kind = dialect.kindOf(error);
    if (kind == Fault.Kind.REFUSED) {
      connections.availability().up();
      return refused(Fault.refused(dialect, error, what()));
    } else if (isUnknown(kind)) {
      connections.availability().notKnown(error);
      var cause = Fault.unknown(dialect, error, what());
      return all(() -> new Outcome.Unknown<>(cause));
    } else if (kind == Fault.Kind.CONFLICT && transactions.size() > 1) {
      connections.availability().up();
      return all(Outcome.Undone::new);
    } else if (kind == Fault.Kind.PASSING || kind == Fault.Kind.CONFLICT) {
      connections.availability().up();
    } else {
      connections.availability().down(error);
    }
    StoreAwayException cause = Fault.passing(dialect, error, what());
    return all(() -> new Outcome.TryAgain<>(cause));
  }

  /**
   * A value that its column cannot take got past the door, or a bug. Nothing was committed, unless
   * that was under way, or done before the answer was read.
   */
  private List<Outcome<List<Written<?>>>> broken(RuntimeException error) {
    connections.availability().up();
    boolean unread = error instanceof UnreadableException;
    boolean ours = unread || error instanceof CacheException;
    String reason = ours ? error.getMessage() : error.toString();
    if (stage == Stage.COMMIT || (stage == Stage.STATEMENT && unread)) {
      String message = what() + ": perhaps committed, read the row to see: " + reason;
      var cause = new OutcomeUnknownException(message, error);
      return all(() -> new Outcome.Unknown<>(cause));
    }
    return refused(new RefusedException(what() + ": " + reason, "", error));
  }

  private List<Outcome<List<Written<?>>>> refused(RefusedException cause) {
    int guilty = guilty();
    List<Outcome<List<Written<?>>>> outcomes = new ArrayList<>(transactions.size());
    for (int i = 0; i < transactions.size(); i++) {
      outcomes.add(i == guilty ? new Outcome.Refused<>(cause) : new Outcome.Undone<>());
    }
    return outcomes;
  }

  /** The transaction that the database refused, or -1 if it is one of several. */
  private int guilty() {
    if (transactions.size() == 1) {
      return 0;
    }
    Run run = current;
    if (run == null) {
      return -1;
    }
    Run.Item item = run.current();
    if (item != null) {
      return item.transaction;
    }
    int first = run.items().get(0).transaction;
    return run.items().stream().allMatch(each -> each.transaction == first) ? first : -1;
  }

  private String what() {
    Run run = current;
    if (run == null) {
      return Fault.named(items.get(0).table, List.of(items.get(0).key))
          + (items.size() > 1 ? " and " + (items.size() - 1) + " other changes" : "");
    }
    Run.Item item = run.current();
    List<Object> keys =
        item == null ? run.items().stream().map(each -> each.key).toList() : List.of(item.key);
    return Fault.named(run.table(), keys);
  }

  private List<Outcome<List<Written<?>>>> applied() {
    List<Outcome<List<Written<?>>>> outcomes = new ArrayList<>(transactions.size());
    int next = 0;
    for (Transaction transaction : transactions) {
      List<Written<?>> written = new ArrayList<>(transaction.parts().size());
      for (int i = 0; i < transaction.parts().size(); i++) {
        written.add(items.get(next++).written());
      }
      outcomes.add(new Outcome.Applied<>(Collections.unmodifiableList(written)));
    }
    return outcomes;
  }

  private List<Outcome<List<Written<?>>>> all(Supplier<Outcome<List<Written<?>>>> outcome) {
    List<Outcome<List<Written<?>>>> outcomes = new ArrayList<>(transactions.size());
    transactions.forEach(each -> outcomes.add(outcome.get()));
    return outcomes;
  }
}
