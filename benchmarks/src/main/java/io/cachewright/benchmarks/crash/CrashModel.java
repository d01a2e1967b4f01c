// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.cachewright.app.demo.RespClient;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What the writers have done, and what must be there therefore.
 *
 * <pre>
 *   notes     a row per key, put again and again: its n-th value is n; coalesced
 *   accounts  pairs of rows, changed by transactions that keep each pair's sum at 0
 *   ticks     rows put a few times each, and not coalesced; a trigger counts how often
 *   counters  rows that are added to, and what the database refuses: {@link Counters}
 *   kept      no rows but plain keys, which are record: {@link Kept}
 * </pre>
 *
 * <p>Each row has one writer, who numbers its writes. A write is begun, then acknowledged, unless
 * the server dies: so a row shows the n-th write, where n is at least the last acknowledged or seen
 * and at most the last begun. A tick counts each write once: from the acknowledged to the begun.
 */
final class CrashModel {
  static final String NOTES = "notes";
  static final String ACCOUNTS = "accounts";
  static final String TICKS = "ticks";

  static final int NOTES_PER_WRITER = 20;
  static final int TICKS_PUTS = 3;

  static final String[] DDL = {
    "create table notes (id bigint primary key, n bigint not null)",
    "create table accounts (id bigint primary key, balance bigint not null)",
    "create table ticks (id bigint primary key, n bigint not null,"
        + " applied bigint not null default 0)",
    "create function tick() returns trigger language plpgsql as $$ begin"
        + " new.applied := case when tg_op = 'INSERT' then 1 else old.applied + 1 end;"
        + " return new; end $$",
    "create trigger tick before insert or update on ticks for each row execute function tick()",
    Counters.DDL,
  };

  private final int writers;
  private final Counted notes;
  private final Counted pairs;

  /** By writer: how many puts of ticks were begun; {@link #TICKS_PUTS} make a row. */
  private final AtomicLongArray ticksBegun;

  /** Puts of ticks whose acknowledgement never came, by row: they may have been made. */
  private final Map<Long, Long> ticksUnknown = new HashMap<>();

  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final Counters counters;
  private final Kept kept;

  CrashModel(int writers) {
    this.writers = writers;
    this.notes = new Counted("note", writers * NOTES_PER_WRITER);
    this.pairs = new Counted("pair", writers);
    this.ticksBegun = new AtomicLongArray(writers);
    this.counters = new Counters(writers);
    this.kept = new Kept(this, writers);
  }

  /** Rows that writers add to. */
  Counters counters() {
    return counters;
  }

  Kept kept() {
    return kept;
  }

  int writers() {
    return writers;
  }

  int notes() {
    return notes.size();
  }

  long acknowledged() {
    return acknowledged.get();
  }

  long unknown() {
    return unknown.get();
  }

  // ---- what writers tell ----

  long beginNote(int id) {
    return notes.begin(id);
  }

  void noteSafe(int id, long n) {
    notes.safe(id, n);
    acknowledged.incrementAndGet();
  }

  long beginPair(int pair) {
    return pairs.begin(pair);
  }

  void pairSafe(int pair, long n) {
    pairs.safe(pair, n);
    acknowledged.incrementAndGet();
  }

  /** Answers the row that is to be put. */
  long beginTick(int writer) {
    long put = ticksBegun.getAndIncrement(writer);
    return put / TICKS_PUTS * writers + writer;
  }

  void isAcknowledged() {
    acknowledged.incrementAndGet();
  }

  /** The answer to a write never came. */
  private void unknown(@Nullable Long tick) {
    unknown.incrementAndGet();
    if (tick != null) {
      synchronized (ticksUnknown) {
        ticksUnknown.merge(tick, 1L, Long::sum);
      }
    }
  }

  /** A write that goes through, or of which nothing is known. */
  interface Attempt {
    @Nullable Object run() throws IOException;
  }

  @Nullable Object attempt(@Nullable Long tick, Attempt attempt) throws IOException {
    try {
      return attempt.run();
    } catch (RespClient.ErrorReply e) {
      throw e; // it is known: nothing was done
    } catch (IOException e) {
      unknown(tick);
      throw e;
    }
  }

  long noteLeast(int id) {
    return notes.least(id);
  }

  // ---- what must hold ----

  void sawNote(int id, long least, long seen) throws Fault {
    notes.saw(id, least, seen);
  }

  void sawPair(int pair, long least, long balance) throws Fault {
    pairs.saw(pair, least, balance);
  }

  long pairLeast(int pair) {
    return pairs.least(pair);
  }

  /** P2: whatever state the database shows, it is one that the cache had. */
  static void checkSums(Connection connection) throws SQLException, Fault {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select id / 2, sum(balance) from accounts group by 1 having sum(balance) <> 0")) {
      if (rows.next()) {
        throw new Fault("pair " + rows.getLong(1) + " sums to " + rows.getLong(2));
      }
    }
  }

  /** All of it, once everything was flushed. */
  void checkDatabase(Connection connection) throws SQLException, Fault, IOException {
    checkSums(connection);
    Map<Long, Long> rows = all(connection, "select id, n from notes");
    for (int id = 0; id < notes(); id++) {
      sawNote(id, noteLeast(id), rows.getOrDefault((long) id, 0L));
    }
    Map<Long, Long> accounts = all(connection, "select id, balance from accounts");
    for (int pair = 0; pair < writers; pair++) {
      sawPair(pair, pairLeast(pair), accounts.getOrDefault(2L * pair, 0L));
    }
    checkTicks(all(connection, "select id, applied from ticks"));
  }

  private void checkTicks(Map<Long, Long> applied) throws Fault {
    for (int writer = 0; writer < writers; writer++) {
      long puts = ticksBegun.get(writer);
      for (long row = 0; row * TICKS_PUTS < puts; row++) {
        long id = row * writers + writer;
        long begun = Math.min(TICKS_PUTS, puts - row * TICKS_PUTS);
        long least = begun - ticksUnknown.getOrDefault(id, 0L);
        long count = applied.getOrDefault(id, 0L);
        if (count < least || count > begun) {
          throw new Fault(
              "tick "
                  + id
                  + " was applied "
                  + count
                  + " times; acknowledged were "
                  + least
                  + ", begun "
                  + begun);
        }
      }
    }
  }

  private static Map<Long, Long> all(Connection connection, String query) throws SQLException {
    Map<Long, Long> all = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        all.put(rows.getLong(1), rows.getLong(2));
      }
    }
    return all;
  }

  /** Something was lost, or came twice. */
  static final class Fault extends Exception {
    private static final long serialVersionUID = 1L;

    Fault(String message) {
      super(message);
    }
  }
}
