// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.BadValueException;
import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.RefusedException;
import io.cachewright.Row;
import io.cachewright.StoreAwayException;
import io.cachewright.store.Change;
import io.cachewright.store.FlushTarget;
import io.cachewright.store.FlushTarget.Claim;
import io.cachewright.store.FlushTarget.Flushed;
import io.cachewright.store.FlushTarget.Stretch;
import io.cachewright.store.MirrorTarget;
import io.cachewright.store.Transaction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A table as the mirror of a record keyspace.
 *
 * <pre>
 *   claim ─► one transaction [ the table: found and fit, or made ─► epoch, position ]
 *   flush ─► rows ─► {@link Flush}, as of write-behind
 *   copy  ─► {@link MirrorCopy}
 * </pre>
 *
 * <p>J1: rows that are in the table before this mirror has ever written to it are somebody else's:
 * then it is not claimed. So the name under which the position is noted has the table in it, too: a
 * mirror that is given another table knows nothing of that. J2: a table that had to be made takes
 * its position back to 0, since what it had is gone. J3: a table that is dropped meanwhile refuses
 * everything; that is no reason to park it, but to claim anew.
 */
final class JdbcMirror<K, V> implements MirrorTarget<K, V> {
  private static final int NAME_LENGTH_MAX = 100;

  /** What has no table stands nowhere. */
  private static final Flushed GONE = new Flushed.Overtaken(new Claim(0, 0));

  private final JdbcDatabase database;
  private final Connections connections;
  private final TableName wanted;
  private final MirrorShape<K, V> shape;

  /** As it was claimed last. */
  private volatile @Nullable Claimed<K, V> claimed;

  /**
   * @param name under which the position is noted
   */
  record Claimed<K, V>(MirrorTable<K, V> table, String name) {

    Stretch stretch(Stretch of) {
      return new Stretch(name, of.epoch(), of.from(), of.to());
    }
  }

  JdbcMirror(
      JdbcDatabase database, Connections connections, TableName wanted, MirrorShape<K, V> shape) {
    this.database = database;
    this.connections = connections;
    this.wanted = wanted;
    this.shape = shape;
  }

  // ---- claims ----

  @Override
  public Claim claim(String log) {
    Dialect dialect = database.dialect();
    MirrorStatements statements = new MirrorStatements(dialect, wanted, shape);
    database.positions().read(log); // finds out whether their table was dropped
    try (Connections.Loan loan = connections.borrow()) {
      try {
        PositionTable positions = database.positions().table(dialect, loan.session);
        dialect.begin(loan.session);
        Claim claim = claim(log, loan.session, positions, statements);
        dialect.commit(loan.session);
        connections.availability().up();
        return claim;
      } catch (SQLException e) {
        throw failed(loan, dialect, statements, e);
      } catch (RuntimeException | Error e) {
        loan.rollBack(dialect, e);
        throw e;
      }
    }
  }

  private Claim claim(
      String log, Session session, PositionTable positions, MirrorStatements statements)
      throws SQLException {
    Table present = find(session, statements.dialect());
    Table table = present != null ? present : make(session, statements);
    MirrorTable<K, V> mirror = MirrorTable.of(new TableStore(database, table), shape, statements);
    String name = name(log, table);
    Claim claim = positions.claim(session, name);
    if (present == null) { // J2
      positions.move(session, new Stretch(name, claim.epoch(), claim.position(), 0));
      claim = new Claim(claim.epoch(), 0);
    } else if (claim.position() == 0 && hasRows(session, table)) { // J1
      throw new ConfigurationException(
          "the table "
              + table
              + " has rows that this mirror has not written, and would have to delete: name"
              + " another table, or delete them yourself (delete from "
              + table.traits().sql()
              + ")");
    }
    claimed = new Claimed<>(mirror, name);
    return claim;
  }

  /**
   * Whether it could be claimed, as far as the table goes. Leaves everything as it was.
   *
   * @return the table; null if it is not there, and can be made
   * @throws ConfigurationException if it is not fit, or cannot be made
   * @throws StoreAwayException if that cannot be found out now
   */
  @Nullable Table check() {
    Dialect dialect = database.dialect();
    MirrorStatements statements = new MirrorStatements(dialect, wanted, shape);
    try (Connections.Loan loan = connections.borrow()) {
      try {
        dialect.begin(loan.session);
        Table present = find(loan.session, dialect);
        Table table = present != null ? present : make(loan.session, statements);
        var unused = MirrorTable.of(new TableStore(database, table), shape, statements);
        dialect.rollback(loan.session);
        connections.availability().up();
        return present;
      } catch (SQLException e) {
        throw failed(loan, dialect, statements, e);
      } catch (RuntimeException | Error e) {
        loan.rollBack(dialect, e);
        throw e;
      }
    }
  }

  private Table make(Session session, MirrorStatements statements) throws SQLException {
    for (String sql : statements.create()) {
      session.execute(sql);
    }
    return Objects.requireNonNull(find(session, statements.dialect()));
  }

  private @Nullable Table find(Session session, Dialect dialect) throws SQLException {
    List<Table> found = dialect.tables(session.connection(), wanted);
    if (found.isEmpty()) {
      return null;
    }
    String unusable = found.get(0).unusable();
    if (unusable != null) {
      throw new ConfigurationException(unusable);
    }
    return found.get(0);
  }

  private static boolean hasRows(Session session, Table table) throws SQLException {
    String sql = "select 1 from " + table.traits().sql() + " limit 1";
    try (PreparedStatement statement = session.prepare(sql);
        ResultSet result = session.query(statement)) {
      return result.next();
    }
  }

  /** The log's name and the table's; cut and told apart by a hash where that is too long. */
  private static String name(String log, Table table) {
    String name = log + "/" + table;
    if (name.length() <= NAME_LENGTH_MAX) {
      return name;
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
      String end = "~" + HexFormat.of().formatHex(hash, 0, 8);
      return name.substring(0, NAME_LENGTH_MAX - end.length()) + end;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private CacheException failed(
      Connections.Loan loan, Dialect dialect, MirrorStatements statements, SQLException error) {
    Fault.Kind kind = dialect.kindOf(error);
    boolean lost = kind.isLost();
    if (lost) {
      loan.broken();
      connections.availability().down(error);
    } else {
      loan.rollBack(dialect, error);
      connections.availability().up();
    }
    return kind == Fault.Kind.REFUSED
        ? new ConfigurationException(
            String.format(
                "the mirror's table %s cannot be made or read: %s. Have somebody with the right to"
                    + " run: %s, and grant select, insert, update and delete on it",
                wanted.written(),
                Fault.told(error, dialect.codeOf(error)),
                String.join(" ", statements.create())),
            error)
        : Fault.passing(dialect, error, "claim of the mirror's table " + wanted.written());
  }

  private Claimed<K, V> claimed() {
    Claimed<K, V> known = claimed;
    if (known == null) {
      throw new IllegalStateException("the mirror's table " + wanted.written() + " is not claimed");
    }
    return known;
  }

  @Override
  public Claim read(String log) {
    return database.positions().read(claimed().name());
  }

  // ---- what is written ----

  @Override
  public Flushed flush(List<Mirrored<K, V>> changes, Stretch stretch, Aside<K, V> aside) {
    Claimed<K, V> now = claimed();
    List<Mirrored<K, V>> sent = new ArrayList<>(changes.size());
    List<Refused<K, V>> unfit = new ArrayList<>();
    List<Transaction.Part<?, ?>> parts = new ArrayList<>(changes.size());
    for (Mirrored<K, V> each : changes) {
      Change<Object, Row> change = change(now.table(), each, unfit::add);
      if (change != null) {
        sent.add(each);
        parts.add(new Transaction.Part<>(now.table().store(), change));
      }
    }
    try {
      if (!unfit.isEmpty()) {
        aside.take(unfit);
      }
    } catch (CacheException e) {
      return new Flushed.TryAgain(new StoreAwayException(String.valueOf(e.getMessage()), e));
    }
    boolean[] suspected = {false};
    Flushed flushed =
        database
            .positions()
            .flush(
                parts,
                now.stretch(stretch),
                refused -> {
                  suspected[0] = refused.size() == sent.size();
                  if (suspected[0]) {
                    throw new StoreAwayException("everything was refused", null);
                  }
                  aside.take(named(refused, sent));
                });
    if (!suspected[0]) {
      return flushed;
    } else if (isGone()) {
      return GONE; // J3
    }
    return database
        .positions()
        .flush(parts, now.stretch(stretch), refused -> aside.take(named(refused, sent)));
  }

  /** Whether it is known that the table is not there any more. */
  private boolean isGone() {
    Dialect dialect = database.dialect();
    try (Connections.Loan loan = connections.borrow()) {
      try {
        boolean gone = dialect.tables(loan.session.connection(), wanted).isEmpty();
        connections.availability().up();
        return gone;
      } catch (SQLException e) {
        answered(loan, dialect.kindOf(e), e);
        return false;
      }
    } catch (StoreAwayException e) {
      return false;
    }
  }

  /** What an error of a statement in autocommit mode says of connection and database. */
  private void answered(Connections.Loan loan, Fault.Kind kind, SQLException error) {
    if (kind.isLost()) {
      loan.broken();
      connections.availability().down(error);
    } else {
      connections.availability().up();
    }
  }

  private static <K, V> List<Refused<K, V>> named(
      List<FlushTarget.Refused> refused, List<Mirrored<K, V>> sent) {
    return refused.stream()
        .map(each -> new Refused<>(sent.get(each.place()), each.cause()))
        .toList();
  }

  interface Unfit<K, V> {
    void add(Refused<K, V> refused);
  }

  /** Null if there is no such row: that is told. */
  static <K, V> @Nullable Change<Object, Row> change(
      MirrorTable<K, V> table, Mirrored<K, V> of, Unfit<K, V> unfit) {
    try {
      return table.change(of);
    } catch (BadValueException e) {
      unfit.add(new Refused<>(of, unfit(table, of, String.valueOf(e.getMessage()), e)));
    } catch (RuntimeException e) { // a shape's own
      unfit.add(new Refused<>(of, unfit(table, of, e.toString(), e)));
    }
    return null;
  }

  private static RefusedException unfit(
      MirrorTable<?, ?> table, Mirrored<?, ?> of, String reason, RuntimeException cause) {
    return new RefusedException(
        table.store().table() + ", no row for key " + of.key() + ": " + reason, "", cause);
  }

  @Override
  public Flushed copy(String log, Claim at, Supplier<Entries<K, V>> entries, Aside<K, V> aside) {
    Flushed flushed = new MirrorCopy<>(database, connections, claimed(), at, aside).apply(entries);
    return flushed instanceof Flushed.TryAgain && isGone() ? GONE : flushed;
  }

  @Override
  public void sweep(long now) {
    Dialect dialect = database.dialect();
    try (Connections.Loan loan = connections.borrow()) {
      try {
        loan.session.patient().execute(claimed().table().deleteExpired(dialect, now));
        connections.availability().up();
      } catch (SQLException e) {
        answered(loan, dialect.kindOf(e), e);
        throw Fault.passing(dialect, e, "deletion of expired rows of " + claimed().table().store());
      }
    }
  }

  @Override
  public String toString() {
    return "mirror " + wanted.written();
  }
}
