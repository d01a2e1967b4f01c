// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import io.cachewright.app.Failure;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.Setting;
import io.cachewright.app.config.Settings;
import io.cachewright.app.serve.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Write-behind and {@code kill -9}: a server of its own is killed while clients write as fast as
 * they are answered, and started again. Then every write that was acknowledged is looked for in the
 * database.
 *
 * <p>Each writer makes rows of its own, one after the other: so of each writer the first rows are
 * those that were acknowledged, and at most one more was on its way.
 */
final class Crash implements AutoCloseable {
  static final int WRITERS = 8;

  private static final long OF_A_WRITER = 1_000_000_000L;
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final String url;
  private final Configuration configuration;
  private final Map<Setting<?>, String> login;
  private final Scratch scratch;
  private final Progress progress;
  private volatile @Nullable CrashServer server;

  /**
   * What came of it.
   *
   * @param acknowledged writes
   * @param behind those of them that only the journal had when the server was killed
   * @param found those of them that were in the database at last
   * @param unanswered writes that are there too, though the crash came before their answer
   */
  record Outcome(
      long acknowledged, long behind, double restartSeconds, long found, long unanswered) {

    boolean isWhole() {
      return acknowledged > 0 && found == acknowledged && unanswered <= WRITERS;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "acknowledged %,d writes; killed with SIGKILL when %,d of them were in the journal only;"
              + " restarted in %.1f s; found %,d of %,d in the database%s",
          acknowledged,
          behind,
          restartSeconds,
          found,
          acknowledged,
          unanswered == 0 ? "" : " (and " + unanswered + " more that were on their way)");
    }
  }

  /**
   * @param url of the database, as it is written in a configuration
   */
  Crash(
      String url,
      Configuration configuration,
      Map<Setting<?>, String> login,
      Scratch scratch,
      Progress progress) {
    this.url = url;
    this.configuration = configuration;
    this.login = login;
    this.scratch = scratch;
    this.progress = progress;
  }

  /** A client that writes until the server is gone. */
  private static final class Writer extends Thread {
    private final RespClient client;
    private final long base;
    private volatile long acknowledged;
    private volatile @Nullable IOException refused;

    Writer(RespClient client, int number) {
      super("payments-" + number);
      this.client = client;
      this.base = number * OF_A_WRITER;
      setDaemon(true);
    }

    @Override
    public void run() {
      try (client) {
        for (long n = 1; ; n++) {
          client.call("HSET", "payments:" + (base + n), "amount", Long.toString(n));
          acknowledged = n;
        }
      } catch (RespClient.ErrorReply e) {
        refused = e;
      } catch (IOException e) {
        // it was killed, as it should
      }
    }
  }

  /** Does it. */
  Outcome run(double seconds) throws Exception {
    progress.begin("kill -9 under load", Progress.WIDTH);
    makeTable();
    Path file = scratch.file("crash.yaml");
    Files.writeString(file, yaml());
    CrashServer first = start(file);
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(new Writer(first.connect(), i));
    }
    writers.forEach(Thread::start);
    awaitFirst(writers);
    underLoad(seconds);
    first.kill();
    long acknowledged = acknowledged(writers);
    long before = found(writers);
    progress.end(ResultTable.count((double) acknowledged) + " acknowledged, and killed");
    progress.begin("start again", 1);
    long begin = System.nanoTime();
    CrashServer second = start(file);
    double restart = (System.nanoTime() - begin) / 1e9;
    progress.end(ResultTable.count((double) (acknowledged - before)) + " were in the journal only");
    progress.begin("look for all of them", Progress.WIDTH);
    awaitFlushed(writers, acknowledged);
    second.stop();
    long found = found(writers);
    progress.end(ResultTable.count((double) found) + " found");
    return new Outcome(acknowledged, acknowledged - before, restart, found, count("true") - found);
  }

  /** Once the server is gone. */
  private static long acknowledged(List<Writer> writers) throws InterruptedException {
    long sum = 0;
    for (Writer writer : writers) {
      writer.join();
      if (writer.refused != null) {
        throw Failure.failed("a write was refused: " + writer.refused.getMessage());
      }
      sum += writer.acknowledged;
    }
    return sum;
  }

  private CrashServer start(Path file) throws IOException {
    CrashServer started = CrashServer.start(file, scratch.file("crash.err"), login);
    server = started;
    return started;
  }

  private String yaml() {
    return """
        database: '%s'
        listen: 127.0.0.1:0
        data: '%s'
        keyspaces: { payments: { pattern: write-behind, write-behind: { max-delay: 1s } } }
        """
        .formatted(quoted(url), quoted(scratch.file("crash").toString()));
  }

  private static String quoted(String text) {
    return text.replace("'", "''");
  }

  /**
   * A server that has just started is slow: what comes before everybody's first write is no load.
   */
  private static void awaitFirst(List<Writer> writers) {
    long begin = System.nanoTime();
    while (writers.stream().anyMatch(writer -> writer.acknowledged == 0 && writer.isAlive())
        && System.nanoTime() - begin < WAIT_NANOS) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void underLoad(double seconds) {
    long begin = System.nanoTime();
    long nanos = (long) (seconds * 1e9);
    for (long done = 0; done < nanos; done = System.nanoTime() - begin) {
      progress.at((double) done / nanos);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /**
   * Until the database has all that was acknowledged; or for a minute, and then it has lost some.
   */
  private void awaitFlushed(List<Writer> writers, long acknowledged) throws SQLException {
    long begin = System.nanoTime();
    for (long found = 0; found < acknowledged; found = found(writers)) {
      progress.at((double) found / acknowledged);
      if (System.nanoTime() - begin > WAIT_NANOS) {
        return;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  // ---- the database ----

  private Connection connect() throws SQLException {
    return Pool.connect(configuration, configuration.get(Settings.DATABASE).orElseThrow());
  }

  private void makeTable() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("create table payments (id bigint primary key, amount bigint not null)");
    }
  }

  private long found(List<Writer> writers) throws SQLException {
    long sum = 0;
    for (Writer writer : writers) {
      sum += count("id > " + writer.base + " and id <= " + (writer.base + writer.acknowledged));
    }
    return sum;
  }

  private long count(String condition) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement ask =
            connection.prepareStatement("select count(*) from payments where " + condition);
        ResultSet result = ask.executeQuery()) {
      result.next();
      return result.getLong(1);
    }
  }

  @Override
  public void close() {
    CrashServer running = server;
    if (running != null) {
      running.close();
    }
  }
}
