// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.CacheException;
import io.cachewright.RefusedException;
import io.cachewright.store.FlushTarget.Refused;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Applies of a flush all that can be applied, and finds what the database refuses.
 *
 * <pre>
 *   block of 500 ─► in a savepoint ─┬─ taken
 *                                   └─ refused ─► each half so, until the guilty one is alone
 * </pre>
 *
 * <p>I1: a change that was refused is passed over, and so is every later one of its row. I2: what
 * is refused would be refused alone, in the state that the changes taken leave. I3: no constraint
 * is put off beyond the end of its block, so that COMMIT has none left to check.
 *
 * <p>The order decides who is refused where one change makes room for another, or where rows refer
 * to each other in a circle. So what was refused for such a reason is tried again, all of it at
 * once and then in halves, for as long as that gets some of it through. A row whose parent is
 * refused comes out refused, too.
 *
 * <p>It takes some log n savepoints for each that is guilty. With 10 guilty ones among 10,000 a
 * flush to PostgreSQL takes 2 to 3.5 times as long as with none; with 1,000 some 40 times.
 */
final class Isolation {
  /** Large enough for statements that pay, and small enough to be done again. */
  private static final int BLOCK = 500;

  /** Each may look at all that was refused, and may get no more than one change through. */
  private static final int ROUNDS_MAX = 8;

  private record RowKey(String table, Object key) {
    static RowKey of(Run.Item item) {
      return new RowKey(item.table.traits().sql(), item.key);
    }
  }

  private record Guilty(Run.Item item, Exception error) {}

  private final Dialect dialect;
  private final Session session;
  private final List<Run.Item> items;

  /** The first refused change of each row that has any. */
  private final Map<RowKey, Guilty> refused = new HashMap<>();

  /** How many violations of constraints there are that were there before. */
  private long violated;

  /**
   * @param items in an order in which they may be applied
   */
  Isolation(Dialect dialect, Session session, List<Run.Item> items) {
    this.dialect = dialect;
    this.session = session;
    this.items = items;
  }

  /**
   * Applies them, in a transaction that is open; answers what was refused, by place.
   *
   * @throws SQLException of failures that are no refusal
   */
  List<Refused> apply() throws SQLException {
    violated = dialect.violated(session);
    session.execute("savepoint " + Dialect.BLOCK);
    for (int start = 0; start < items.size(); start += BLOCK) {
      List<Run.Item> block = items.subList(start, Math.min(items.size(), start + BLOCK));
      isolate(block, /* suspected= */ false);
    }
    tryAgain();
    return refused.values().stream()
        .sorted(Comparator.comparingInt(each -> each.item().transaction))
        .map(each -> new Refused(each.item().transaction, cause(each)))
        .toList();
  }

  /**
   * Answers whether all were applied.
   *
   * @param suspected whether one of them is most likely guilty, so that only their halves are tried
   */
  private boolean isolate(List<Run.Item> some, boolean suspected) throws SQLException {
    List<Run.Item> open = some.stream().filter(item -> !isBehindRefused(item)).toList();
    if (!suspected || open.size() <= 1) {
      Exception error = attempt(open);
      if (error == null) {
        return true;
      } else if (open.size() == 1) {
        refused.put(RowKey.of(open.get(0)), new Guilty(open.get(0), error));
        return false;
      }
    }
    int half = open.size() / 2;
    boolean clean = isolate(open.subList(0, half), /* suspected= */ false);
    return isolate(open.subList(half, open.size()), /* suspected= */ clean) && clean;
  }

  /** I1. */
  private boolean isBehindRefused(Run.Item item) {
    return !refused.isEmpty() && refused.containsKey(RowKey.of(item));
  }

  /** Applies all or none; null, or why they were refused. */
  private @Nullable Exception attempt(List<Run.Item> some) throws SQLException {
    if (some.isEmpty()) {
      return null;
    }
    Exception error;
    try {
      for (Run run : Batch.runs(some, Integer.MAX_VALUE)) {
        dialect.flush(session, run, /* careful= */ some.size() < BLOCK);
      }
      violated = dialect.endBlock(session, violated); // I3
      return null;
    } catch (SQLException e) {
      if (dialect.kindOf(e) != Fault.Kind.REFUSED) {
        throw e;
      }
      error = e;
    } catch (RuntimeException e) { // a value got past the door, or a bug
      error = e;
    }
    session.execute("rollback to savepoint " + Dialect.BLOCK); // it stays, for the next block
    return error;
  }

  // ---- those for which the order may be the reason ----

  private void tryAgain() throws SQLException {
    List<Run.Item> again = ofOrder();
    for (int round = 0; round < ROUNDS_MAX && !again.isEmpty(); round++) {
      dialect.deferConstraints(session);
      violated = dialect.violated(session);
      again.forEach(item -> refused.remove(RowKey.of(item)));
      isolate(again, /* suspected= */ false);
      List<Run.Item> left = ofOrder();
      if (left.size() == again.size()) {
        return;
      }
      again = left;
    }
  }

  /** The changes refused for such a reason, and those passed over behind them. */
  private List<Run.Item> ofOrder() {
    List<Run.Item> again = new ArrayList<>();
    if (refused.isEmpty()) {
      return again;
    }
    for (Run.Item item : items) {
      Guilty guilty = refused.get(RowKey.of(item));
      if (guilty != null
          && guilty.item().transaction <= item.transaction
          && guilty.error() instanceof SQLException error
          && dialect.mayPassWithCare(error)) {
        again.add(item);
      }
    }
    return again;
  }

  // ---- what is told of it ----

  private RefusedException cause(Guilty guilty) {
    Run.Item item = guilty.item();
    String what = Fault.named(item.table, List.of(item.key));
    Exception error = guilty.error();
    if (error instanceof SQLException sql) {
      return Fault.refused(dialect, sql, what);
    }
    String reason = error instanceof CacheException ? error.getMessage() : error.toString();
    return new RefusedException(what + ": " + reason, "", error);
  }
}
