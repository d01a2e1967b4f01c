// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.ConfigurationException;
import io.cachewright.StoreAwayException;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.DatabaseUrl;
import io.cachewright.app.config.KeyspaceSettings;
import io.cachewright.app.config.Problem;
import io.cachewright.app.config.Settings;
import io.cachewright.jdbc.JdbcDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a database that was away at the start, with growing pauses, and then opens the
 * keyspaces over its tables. Says so once when it begins and once when it is over.
 *
 * <p>A database that refuses now (somebody has changed a password meanwhile) is waited for as well:
 * what runs is not ended by what happens elsewhere.
 */
final class Waiting implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Waiting.class);
  private static final long PAUSE_MIN_MILLIS = 100;
  private static final long PAUSE_MAX_MILLIS = 5_000;

  private final Configuration configuration;
  private final DatabaseUrl url;
  private final Database database;
  private final Keyspaces keyspaces;
  private final DataDirectory data;
  private final Thread thread = new Thread(this::run, "cachewright-waiting");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private boolean closed;
  private String lastReason = "";
  private volatile @Nullable Tables tables;

  /** What is waited for. */
  record Database(Configuration configuration, JdbcDatabase tables, DataSource connections) {}

  Waiting(Database database, Keyspaces keyspaces, DataDirectory data) {
    this.configuration = database.configuration();
    this.url = configuration.get(Settings.DATABASE).orElseThrow();
    this.database = database;
    this.keyspaces = keyspaces;
    this.data = data;
    thread.setDaemon(true);
  }

  /** Marks the keyspaces as unavailable. */
  void begin(String reason) {
    log.warn("the database is away ({}); trying again until it is there", reason);
    markUnavailable(reason);
  }

  void start() {
    thread.start();
  }

  @Nullable Tables tables() {
    return tables;
  }

  private void run() {
    long started = System.nanoTime();
    long pause = PAUSE_MIN_MILLIS;
    while (pauses(pause)) {
      pause = Math.min(pause * 2, PAUSE_MAX_MILLIS);
      String reason = attempt();
      if (reason == null) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
        log.info("the database is there after {} s; its tables are served", seconds);
        return;
      }
      if (!reason.equals(lastReason)) {
        lastReason = reason;
        markUnavailable(reason);
      }
    }
  }

  /** Waits; answers false if it is closed meanwhile. */
  private boolean pauses(long millis) {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
      while (!closed && nanos > 0) {
        nanos = closing.awaitNanos(nanos);
      }
      return !closed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Tries once; answers why not all is served yet, or null. */
  private @Nullable String attempt() {
    try {
      Reach reach = Reach.of(configuration, url);
      if (reach instanceof Reach.Away away) {
        return away.reason();
      } else if (reach instanceof Reach.Refused refused) {
        log.error("the database refuses: {}", refused.message());
        return refused.message();
      }
      Tables found = Tables.find(configuration, database.tables(), database.connections());
      List<Problem> problems = new ArrayList<>(found.problems());
      found.served().forEach(each -> open(each, problems));
      tables = found;
      if (!problems.isEmpty()) {
        return told(problems);
      }
      keyspaces.known();
      String left = data.left(found);
      if (left != null) {
        log.error("{}", left); // all is served, and nothing flushed, until somebody has chosen
      }
      return null;
    } catch (StoreAwayException e) {
      return e.getMessage();
    } catch (RuntimeException e) { // a password-file that is not there now, too: it may come back
      log.error("the tables cannot be opened: {}", e.getMessage());
      return String.valueOf(e.getMessage());
    }
  }

  /** One that cannot be opened (its user may not note how far it got) holds up no other. */
  private void open(Served served, List<Problem> problems) {
    try {
      keyspaces.open(served);
    } catch (ConfigurationException e) {
      problems.add(
          new Problem(
              served.settings().tableWhere(), "keyspace " + served.name() + ": " + e.getMessage()));
    }
  }

  /** In one event, for of several alike the log shows the first. */
  private static String told(List<Problem> problems) {
    String all = problems.stream().map(Problem::toString).collect(Collectors.joining("; "));
    log.error("not every keyspace fits the database: {}", all);
    return problems.stream().map(Problem::message).collect(Collectors.joining("; "));
  }

  private void markUnavailable(String reason) {
    if (configuration.everyTable()) {
      keyspaces.unknown(reason);
    }
    for (KeyspaceSettings keyspace : configuration.keyspaces()) {
      if (keyspace.pattern().hasStore()) {
        keyspaces.unavailable(keyspace.name(), reason);
      }
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
