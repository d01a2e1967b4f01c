// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.cachewright.app.demo.RespClient;
import io.cachewright.benchmarks.crash.CrashModel.Fault;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Rows to which the writers add by HINCRBY, while another program adds to them in the database.
 *
 * <pre>
 *   shared  all writers add to them
 *   own     one writer each, who now and then sets a label that the database refuses, so that the
 *           row's changes are parked, and later mends, retries or discards them
 * </pre>
 *
 * <p>K1: the other program counts in {@code outside} what it adds to {@code n}, in one statement.
 * So their difference is what the writers have added: at least what was acknowledged, at most what
 * was begun. K2: when nobody writes, what is read must stay. So each life of the server begins with
 * exact numbers, and an increment that is lost or comes twice is not taken for an unknown one.
 */
final class Counters {
  static final String TABLE = "counters";
  static final List<String> ADDITIVE = List.of("n");
  static final int SHARED = 4;

  static final String DDL =
      "create table counters (id bigint primary key, n bigint not null default 0,"
          + " outside bigint not null default 0,"
          + " label text not null default '' check (label <> 'bad'))";

  private static final Pattern ADDED = Pattern.compile("\\bn=([+-]?\\d+)");

  private final AtomicLongArray least;
  private final AtomicLongArray most;
  final AtomicLong refused = new AtomicLong();
  final AtomicLong retried = new AtomicLong();
  final AtomicLong discarded = new AtomicLong();

  Counters(int writers) {
    this.least = new AtomicLongArray(SHARED + writers);
    this.most = new AtomicLongArray(SHARED + writers);
  }

  /**
   * What is parked of a row.
   *
   * @param bad whether the database refuses it; not if a crash came right after it was mended
   */
  record Parked(String id, String key, long added, boolean bad) {}

  /** The row of one writer. */
  static int own(int writer) {
    return SHARED + writer;
  }

  static String key(int id) {
    return TABLE + ":" + id;
  }

  // ---- what writers tell ----

  void begin(int id) {
    most.incrementAndGet(id);
  }

  void safe(int id) {
    least.incrementAndGet(id);
  }

  /** It was refused, so that it will never be made. */
  void notMade(int id) {
    most.decrementAndGet(id);
  }

  /** Of what its only writer has added, so much is about to be discarded. */
  void beginDiscard(int id, long added) {
    least.addAndGet(id, -added);
  }

  void isDiscarded(int id, long added) {
    most.addAndGet(id, -added);
    discarded.incrementAndGet();
  }

  // ---- the other program ----

  /** K1. */
  static void addBeside(Connection connection, int id) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "update counters set n = n + 1, outside = outside + 1 where id = ?")) {
      update.setLong(1, id);
      update.executeUpdate();
    }
  }

  int size() {
    return least.length();
  }

  // ---- what must hold ----

  /** Reads a row, at any time. */
  long see(RespClient client, int id) throws IOException, Fault {
    long atLeast = least.get(id);
    Object reply = client.call("HMGET", key(id), "n", "outside");
    List<?> both = (List<?>) Objects.requireNonNull(reply);
    long seen = number(both.get(0)) - number(both.get(1));
    long atMost = most.get(id);
    if (seen < atLeast || seen > atMost) {
      throw new Fault(
          "counter "
              + id
              + " shows "
              + seen
              + " increments; safe were "
              + atLeast
              + ", begun "
              + atMost);
    }
    return seen;
  }

  private static long number(@Nullable Object text) {
    return text == null ? 0 : Long.parseLong((String) text);
  }

  /**
   * K2: reads all rows while nobody writes, and after what was left is flushed: a load that looks
   * between a commit and its end may count an increment of that flush twice. For the same reason
   * these rows are not evicted while they are added to.
   */
  void settle(RespClient client) throws IOException, Fault {
    client.call("CW.FLUSH");
    for (int id = 0; id < size(); id++) {
      long seen = see(client, id);
      least.set(id, seen);
      most.set(id, seen);
    }
  }

  /** What is parked. */
  static List<Parked> parked(RespClient client) throws IOException {
    List<?> all = (List<?>) Objects.requireNonNull(client.call("CW.PARKED", TABLE));
    return all.stream().map(each -> parked((List<?>) each)).toList();
  }

  private static Parked parked(List<?> flat) {
    Map<Object, String> fields = new HashMap<>();
    for (int i = 0; i < flat.size(); i += 2) {
      fields.put(flat.get(i), String.valueOf(flat.get(i + 1)));
    }
    String value = Objects.requireNonNull(fields.get("value"));
    Matcher added = ADDED.matcher(value);
    return new Parked(
        Objects.requireNonNull(fields.get("id")),
        Objects.requireNonNull(fields.get("key")),
        added.find() ? Long.parseLong(added.group(1).replace("+", "")) : 0,
        value.contains("label=bad"));
  }

  /** After {@link #settle}: every increment is in the database once, or parked. */
  void checkDatabase(Connection connection, List<Parked> parked) throws SQLException, Fault {
    Map<Long, Long> rows = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("select id, n - outside from counters")) {
      while (found.next()) {
        rows.put(found.getLong(1), found.getLong(2));
      }
    }
    Map<String, Long> aside = new HashMap<>();
    parked.forEach(each -> aside.put(each.key(), each.added()));
    for (int id = 0; id < size(); id++) {
      long there = rows.getOrDefault((long) id, 0L);
      long waits = aside.getOrDefault(key(id), 0L);
      if (there + waits != least.get(id)) {
        throw new Fault(
            "counter "
                + id
                + " has "
                + there
                + " increments in the database and "
                + waits
                + " parked; the cache showed "
                + least.get(id));
      }
    }
  }
}
