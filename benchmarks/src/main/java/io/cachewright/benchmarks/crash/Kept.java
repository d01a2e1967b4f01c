// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.cachewright.app.demo.RespClient;
import io.cachewright.benchmarks.crash.CrashModel.Fault;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Plain keys of a record keyspace, which nothing but the journal and its snapshots keep. Each has
 * one writer.
 *
 * <pre>
 *   kept:n:w            counted up by INCR
 *   kept:a:w, kept:b:w  counted up in one EXEC: always equal
 *   kept:h:w            a hash that has a field for each of its last writes, and counts them
 *   kept:note:w         written in one EXEC with a row of a write-behind table: always equal
 * </pre>
 *
 * <p>P1: an answer says what the key has, exactly: so of each key one write at most is unknown, the
 * one under way when the server was killed. P2: what one EXEC has written is seen together or not
 * at all.
 */
final class Kept {
  static final String KEYSPACE = "kept";

  private static final int FIELDS = 1_000;

  private final CrashModel model;
  private final Counted numbers;
  private final Counted pairs;
  private final Counted hashes;
  private final AtomicLong snapshots = new AtomicLong();

  Kept(CrashModel model, int writers) {
    this.model = model;
    this.numbers = new Counted("kept:n", writers);
    this.pairs = new Counted("kept:a", writers);
    this.hashes = new Counted("kept:h", writers);
  }

  long snapshots() {
    return snapshots.get();
  }

  private static String key(String name, int writer) {
    return KEYSPACE + ":" + name + ":" + writer;
  }

  // ---- a writer ----

  void count(RespClient client, int writer) throws IOException, Fault {
    numbers.begin(writer);
    Object now = model.attempt(null, () -> client.call("INCR", key("n", writer)));
    numbers.is(writer, (long) Objects.requireNonNull(now));
    model.isAcknowledged();
  }

  void countPair(RespClient client, int writer) throws IOException, Fault {
    pairs.begin(writer);
    List<?> now =
        write(client, List.of("INCR", key("a", writer)), List.of("INCR", key("b", writer)));
    checkEqual(key("a", writer), now);
    pairs.is(writer, (long) Objects.requireNonNull(now.get(0)));
    model.isAcknowledged();
  }

  void grow(RespClient client, int writer) throws IOException, Fault {
    long n = hashes.begin(writer);
    String key = key("h", writer);
    List<?> now =
        write(
            client,
            List.of("HSET", key, "field" + n % FIELDS, "v".repeat((int) (n % 100))),
            List.of("HINCRBY", key, "count", "1"));
    hashes.is(writer, (long) Objects.requireNonNull(now.get(1)));
    model.isAcknowledged();
  }

  /** Writes the writer's own note and a key, as one. */
  void putNote(RespClient client, int writer) throws IOException {
    long n = model.beginNote(writer);
    String text = Long.toString(n);
    var unused =
        write(
            client,
            List.of("HSET", CrashModel.NOTES + ":" + writer, "n", text),
            List.of("SET", key("note", writer), text));
    model.noteSafe(writer, n);
  }

  /** So that a restart finds a snapshot, and part of the journal. */
  void snapshot(RespClient client) throws IOException {
    try {
      client.call("BGSAVE");
      snapshots.incrementAndGet();
    } catch (RespClient.ErrorReply e) {
      if (!e.text().contains("already in progress")) {
        throw e;
      }
    }
  }

  private List<?> write(RespClient client, List<String> first, List<String> second)
      throws IOException {
    Object replies = model.attempt(null, () -> exec(client, first, second));
    return (List<?>) Objects.requireNonNull(replies);
  }

  private static List<?> exec(RespClient client, List<String> first, List<String> second)
      throws IOException {
    client.call("MULTI");
    client.call(first.toArray(String[]::new));
    client.call(second.toArray(String[]::new));
    return (List<?>) Objects.requireNonNull(client.call("EXEC"));
  }

  // ---- what must hold ----

  private static void checkEqual(String key, List<?> both) throws Fault {
    if (!Objects.equals(both.get(0), both.get(1))) {
      throw new Fault(key + " and what is written with it show " + both);
    }
  }

  private static long number(@Nullable Object reply) {
    return reply == null ? 0 : Long.parseLong(String.valueOf(reply));
  }

  /** All of a writer's keys are as they were. While that writer does nothing. */
  void check(RespClient client, int writer) throws IOException, Fault {
    numbers.is(writer, number(client.call("GET", key("n", writer))));
    List<?> pair = (List<?>) client.call("MGET", key("a", writer), key("b", writer));
    checkEqual(key("a", writer), Objects.requireNonNull(pair));
    pairs.is(writer, number(pair.get(0)));
    long count = number(client.call("HGET", key("h", writer), "count"));
    hashes.is(writer, count);
    long fields = number(client.call("HLEN", key("h", writer)));
    if (fields != (count == 0 ? 0 : 1 + Math.min(count, FIELDS))) {
      throw new Fault(key("h", writer) + " has " + fields + " fields after " + count + " writes");
    }
    checkNote(client, writer);
  }

  private void checkNote(RespClient client, int writer) throws IOException, Fault {
    long least = model.noteLeast(writer);
    List<?> both;
    try {
      both =
          exec(
              client,
              List.of("HGET", CrashModel.NOTES + ":" + writer, "n"),
              List.of("GET", key("note", writer)));
    } catch (RespClient.ErrorReply e) {
      if (!e.text().contains("CWAWAY")) {
        throw e;
      }
      return; // the row is not in the cache
    }
    checkEqual(key("note", writer), both);
    model.sawNote(writer, least, number(both.get(0)));
  }
}
