// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.database;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.WriteBehindOptions;
import io.cachewright.WriteBehindStatus;
import io.cachewright.benchmarks.User;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.journal.Durability;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A cache whose users are write-behind. What still waits when it is closed stays in the journal.
 */
final class BehindCache implements AutoCloseable {
  /** Flushes nothing by itself, and lets everything wait that is put here. */
  static final WriteBehindOptions NEVER =
      WriteBehindOptions.DEFAULT
          .withMaxDelay(Duration.ofHours(1))
          .withMaxChanges(1_000_000)
          .withMaxPending(4L << 30);

  private final Cachewright cache;
  private final Keyspace<Long, User> users;
  private final AtomicBoolean away;

  private BehindCache(Cachewright cache, Keyspace<Long, User> users, AtomicBoolean away) {
    this.cache = cache;
    this.users = users;
    this.away = away;
  }

  /**
   * @param entriesMax how many entries the cache keeps
   */
  record Settings(
      UsersTable table, WriteBehindOptions options, Durability durability, long entriesMax) {}

  static BehindCache open(DataSource database, Path directory, Settings settings) {
    AtomicBoolean away = new AtomicBoolean();
    Cachewright cache =
        Cachewright.builder()
            .database(JdbcDatabase.of(stoppable(database, away)))
            .directory(directory)
            .durability(settings.durability())
            .drain(Duration.ZERO)
            .open();
    Keyspace<Long, User> users =
        cache
            .keyspace("users", Long.class, User.class)
            .table(settings.table().name())
            .maximumSize(settings.entriesMax())
            .writeBehind(settings.options())
            .open();
    return new BehindCache(cache, users, away);
  }

  private static DataSource stoppable(DataSource database, AtomicBoolean away) {
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (away.get()) {
            throw new SQLTransientConnectionException("stopped", "08001");
          }
          return method.invoke(database, arguments);
        };
    return (DataSource)
        Proxy.newProxyInstance(
            DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, handler);
  }

  /** The database cannot be reached any more: nothing is flushed, whatever comes due. */
  void stopDatabase() {
    away.set(true);
  }

  Cachewright cache() {
    return cache;
  }

  Keyspace<Long, User> users() {
    return users;
  }

  WriteBehindStatus status() {
    return cache.writeBehind().get(0);
  }

  /**
   * Puts users without waiting for each, from this thread; returns when all are acknowledged.
   *
   * @param inFlight how many may be on the way
   */
  void put(int count, int inFlight, LongFunction<User> user) throws InterruptedException {
    Semaphore free = new Semaphore(inFlight);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < count; i++) {
      User next = user.apply(i);
      free.acquire();
      var unused =
          users
              .async()
              .put(next.id(), next)
              .whenComplete(
                  (done, error) -> {
                    if (error != null) {
                      failure.compareAndSet(null, error);
                    }
                    free.release();
                  });
    }
    free.acquire(inFlight);
    if (failure.get() != null) {
      throw new IllegalStateException("a put failed", failure.get());
    }
  }

  /** The keys of all that is parked. */
  List<Long> parked() {
    return cache.parked().list().stream().map(each -> (Long) each.key()).sorted().toList();
  }

  @Override
  public void close() {
    cache.close();
  }
}
