// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.hits;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.KeyspaceBuilder;
import io.cachewright.benchmarks.User;
import io.cachewright.jdbc.JdbcDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The hits that are measured. JMH consumes what they return. */
public class HitBenchmarks {

  @Benchmark
  public @Nullable User caffeine(OfCaffeine subject, Workload.Cursor cursor) {
    return subject.cache.getIfPresent(cursor.next(subject.keys));
  }

  @Benchmark
  public @Nullable User lookAside(OfLookAside subject, Workload.Cursor cursor) {
    return subject.users.get(cursor.next(subject.keys));
  }

  @Benchmark
  public @Nullable User readThrough(OfReadThrough subject, Workload.Cursor cursor) {
    return subject.users.get(cursor.next(subject.keys));
  }

  /** Caffeine itself. */
  public static class OfCaffeine extends Workload {
    private Cache<Long, User> cache;

    @Setup(Level.Trial)
    public void fill() {
      Caffeine<Object, Object> builder = Caffeine.newBuilder().maximumSize(MAXIMUM_SIZE);
      cache = (expires ? builder.expireAfterWrite(TIME_TO_LIVE) : builder).build();
      for (long id = 0; id < entries; id++) {
        cache.put(id, User.of(id));
      }
      age();
    }
  }

  /** A keyspace with nothing behind it. */
  public static class OfLookAside extends Workload {
    private Cachewright cachewright;
    private Keyspace<Long, User> users;

    @Setup(Level.Trial)
    public void fill() {
      cachewright = Cachewright.builder().open();
      users = bounded(this, cachewright.keyspace("users", Long.class, User.class)).open();
      for (long id = 0; id < entries; id++) {
        users.put(id, User.of(id));
      }
      age();
    }

    @TearDown
    public void close() {
      cachewright.close();
    }
  }

  /** A keyspace over a table whose rows are seen as Java records. */
  public static class OfReadThrough extends Workload {
    private static final int ROWS_AT_ONCE = 1_000;

    private Path directory;
    private HikariDataSource dataSource;
    private Cachewright cachewright;
    private Keyspace<Long, User> users;

    @Setup(Level.Trial)
    public void fill() throws IOException, SQLException {
      directory = Files.createTempDirectory("cachewright-hits");
      HikariConfig pool = new HikariConfig();
      pool.setJdbcUrl("jdbc:sqlite:" + directory.resolve("users.db"));
      pool.setMaximumPoolSize(2);
      dataSource = new HikariDataSource(pool);
      createTable();
      cachewright = Cachewright.builder().database(JdbcDatabase.of(dataSource)).open();
      users =
          bounded(
                  this,
                  cachewright
                      .keyspace("users", Long.class, User.class)
                      .table("users")
                      .readThrough())
              .open();
      loadAll();
      age();
    }

    private void createTable() throws SQLException {
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("pragma synchronous = off");
        statement.execute(
            "create table users (id integer primary key, email text not null, name text not null,"
                + " balance numeric(12, 2) not null, created_at timestamp not null, bio text)");
        statement.execute(
            "with recursive ids(id) as (select 0 union all select id + 1 from ids where id < "
                + (entries - 1)
                + ") insert into users select id, 'user' || id || '@example.org', 'Name Of User '"
                + " || id, 12.34, '2024-01-01 00:00:00', 'Likes long walks and short queries'"
                + " from ids");
      }
    }

    /** Everything is in the cache, and has been seen as a record, before the first measurement. */
    private void loadAll() {
      List<Long> ids = new ArrayList<>();
      for (long id = 0; id < entries; id++) {
        ids.add(id);
        if (ids.size() == ROWS_AT_ONCE || id == entries - 1L) {
          if (users.getAll(ids).size() != ids.size()) {
            throw new IllegalStateException("not all rows were found up to id " + id);
          }
          ids.clear();
        }
      }
    }

    @TearDown
    public void close() throws IOException {
      long misses = users.stats().misses();
      if (misses != entries) {
        throw new IllegalStateException("there were misses while hits were measured: " + misses);
      }
      cachewright.close();
      dataSource.close();
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }
  }

  /** The number of entries is the bound that counts; bytes are plenty. */
  private static <K, V> KeyspaceBuilder<K, V> bounded(
      Workload workload, KeyspaceBuilder<K, V> builder) {
    builder.maximumSize(Workload.MAXIMUM_SIZE).maximumBytes(16L << 30);
    return workload.expires ? builder.expireAfterWrite(Workload.TIME_TO_LIVE) : builder;
  }
}
