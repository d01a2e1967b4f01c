// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.cachewright.app.demo.RespClient;
import io.cachewright.benchmarks.crash.CrashModel.Fault;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A client of the server: writes its own rows, reads anybody's, until the server is gone. */
final class Writer implements Callable<Void> {
  private final CrashModel model;
  private final int writer;
  private final int port;
  private final Random random;
  private final OwnCounter own;

  Writer(CrashModel model, int writer, int port, long seed) {
    this.model = model;
    this.writer = writer;
    this.port = port;
    this.random = new Random(seed);
    this.own = new OwnCounter(model.counters(), writer, random);
  }

  @Override
  public @Nullable Void call() throws Fault {
    try (RespClient client = new RespClient("127.0.0.1", port)) {
      model.kept().check(client, writer);
      while (true) {
        switch (random.nextInt(7)) {
          case 0 -> note(client);
          case 1 -> transfer(client);
          case 2 -> tick(client);
          case 3 -> add(client, random.nextInt(Counters.SHARED));
          case 4 -> addToOwn(client);
          case 5 -> keep(client);
          default -> read(client);
        }
      }
    } catch (RespClient.ErrorReply e) {
      throw new Fault("writer " + writer + " was answered: " + e.text());
    } catch (IOException e) {
      return null; // it was killed
    }
  }

  private void note(RespClient client) throws IOException {
    // The first is written with a key: see Kept.
    int own = 1 + random.nextInt(CrashModel.NOTES_PER_WRITER - 1);
    int id = own * model.writers() + writer;
    long n = model.beginNote(id);
    model.attempt(null, () -> client.call("HSET", "notes:" + id, "n", Long.toString(n)));
    model.noteSafe(id, n);
  }

  private void transfer(RespClient client) throws IOException {
    long n = model.beginPair(writer);
    model.attempt(
        null,
        () -> {
          client.call("MULTI");
          client.call("HSET", "accounts:" + 2 * writer, "balance", Long.toString(n));
          client.call("HSET", "accounts:" + (2 * writer + 1), "balance", Long.toString(-n));
          return client.call("EXEC");
        });
    model.pairSafe(writer, n);
  }

  private void tick(RespClient client) throws IOException {
    long id = model.beginTick(writer);
    model.attempt(id, () -> client.call("HSET", "ticks:" + id, "n", "1"));
    model.isAcknowledged();
  }

  private void addToOwn(RespClient client) throws IOException, Fault {
    add(client, Counters.own(writer));
    own.perhapsParkOrMend(client);
    if (random.nextInt(4) == 0) {
      seeCounter(client, Counters.own(writer));
    }
  }

  private void add(RespClient client, int counter) throws IOException, Fault {
    Counters counters = model.counters();
    counters.begin(counter);
    try {
      model.attempt(null, () -> client.call("HINCRBY", Counters.key(counter), "n", "1"));
    } catch (RespClient.ErrorReply e) {
      throwUnlessAway(e);
      counters.notMade(counter);
      return;
    }
    counters.safe(counter);
    model.isAcknowledged();
  }

  private void keep(RespClient client) throws IOException, Fault {
    Kept kept = model.kept();
    switch (random.nextInt(4)) {
      case 0 -> kept.count(client, writer);
      case 1 -> kept.countPair(client, writer);
      case 2 -> kept.grow(client, writer);
      default -> kept.putNote(client, writer);
    }
    if (random.nextInt(300) == 0) {
      kept.snapshot(client);
    }
  }

  private void seeCounter(RespClient client, int counter) throws IOException, Fault {
    try {
      var unused = model.counters().see(client, counter);
    } catch (RespClient.ErrorReply e) {
      throwUnlessAway(e);
    }
  }

  /** A row that is not in the cache cannot be read, or added to, while the database is away. */
  private static void throwUnlessAway(RespClient.ErrorReply error) throws RespClient.ErrorReply {
    if (!error.text().startsWith("CWAWAY")) {
      throw error;
    }
  }

  private void read(RespClient client) throws IOException, Fault {
    int id = random.nextInt(model.notes());
    if (random.nextInt(8) == 0) {
      client.call("CW.EVICT", "notes:" + id);
    }
    readNote(client, model, id);
  }

  static void readNote(RespClient client, CrashModel model, int id) throws IOException, Fault {
    long least = model.noteLeast(id);
    Object seen;
    try {
      seen = client.call("HGET", "notes:" + id, "n");
    } catch (RespClient.ErrorReply e) {
      return; // the database is away, and this row is not in the cache
    }
    model.sawNote(id, least, seen == null ? 0 : Long.parseLong((String) seen));
  }

  static void readPair(RespClient client, CrashModel model, int pair) throws IOException, Fault {
    long least = model.pairLeast(pair);
    Object seen = client.call("HGET", "accounts:" + 2 * pair, "balance");
    model.sawPair(pair, least, seen == null ? 0 : Long.parseLong((String) seen));
  }
}
