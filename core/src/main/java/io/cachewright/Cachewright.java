// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import io.cachewright.engine.Clock;
import io.cachewright.engine.Engine;
import io.cachewright.engine.KeyspaceView;
import io.cachewright.engine.Log;
import io.cachewright.engine.ParkedChanges;
import io.cachewright.engine.Units;
import io.cachewright.journal.Durability;
import io.cachewright.store.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache in front of a database. Open one per database and application, and close it at the end.
 *
 * <pre>{@code
 * Cachewright cache = Cachewright.builder().database(JdbcDatabase.of(dataSource)).open();
 * Keyspace<Long, User> users =
 *     cache.keyspace("users", Long.class, User.class).table("users").writeThrough().open();
 * users.put(42L, user);
 * }</pre>
 */
public final class Cachewright implements AutoCloseable {
  private final Engine engine;
  private final @Nullable Database database;

  private Cachewright(Builder builder) {
    this.engine = new Engine(builder.clock, builder.meters);
    this.database = builder.database;
    Path directory = builder.directory;
    if (directory != null) {
      engine.openLog(Log.Place.of(directory, builder.durability), builder.drain);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Describes a keyspace; {@link KeyspaceBuilder#open} opens it.
   *
   * @param name unused so far; metrics, errors and the Redis protocol call it by this
   * @param key what its keys are. They need good hash codes: of keys that share one a cache keeps
   *     32 at most, so that nobody can choose keys that make all others slow (a record keyspace
   *     keeps all)
   * @param value what its values are: over a table, {@link Row} or a Java record
   */
  public <K, V> KeyspaceBuilder<K, V> keyspace(String name, Class<K> key, Class<V> value) {
    return new KeyspaceBuilder<>(engine, database, name, key, value);
  }

  /** Describes a keyspace of untyped rows. */
  public KeyspaceBuilder<Object, Row> keyspace(String name) {
    return keyspace(name, Object.class, Row.class);
  }

  /** Does all the work's changes, in all their keyspaces, or none of them. */
  public void transaction(Consumer<UnitOfWork> work) {
    callInTransaction(
        unit -> {
          work.accept(unit);
          return Boolean.TRUE;
        });
  }

  /**
   * Does all the work's changes, in all their keyspaces, or none of them: in the store by one
   * transaction, in the cache in one step. Stores that share no transaction cannot be changed
   * together.
   *
   * @param work may be run more than once, if what it reads is written by others meanwhile: it must
   *     have no other effects
   * @return what the work returned when it was last run
   * @throws ConflictException if others were faster on every try
   */
  public <R> R callInTransaction(Function<UnitOfWork, R> work) {
    return Units.run(engine, work);
  }

  /** Returns when the stores have everything that was written before. */
  public void flush() {
    if (engine.log() != null) {
      KeyspaceView.await(engine.log().flush());
    }
  }

  /** How far write-behind has got, for each database that it goes to. */
  public List<WriteBehindStatus> writeBehind() {
    return engine.log() == null ? List.of() : engine.log().status();
  }

  /**
   * What the stores have refused for good: to look at, mend, retry and discard.
   *
   * @throws ConfigurationException if there is no directory
   */
  public ParkedChanges parked() {
    return requireLog().parked();
  }

  /**
   * Drops what waits in the journal, and what is parked, of a keyspace that is never opened again.
   * Until it is opened or forgotten nothing is flushed.
   *
   * @return how many changes were dropped
   */
  public int forget(String keyspace) {
    return requireLog().forget(keyspace);
  }

  private Log requireLog() {
    Log log = engine.log();
    if (log == null) {
      throw new ConfigurationException(
          "there is no journal: give Cachewright.builder() a directory");
    }
    return log;
  }

  /** What is inside, for the server. Not for applications: it may change without warning. */
  public Engine engine() {
    return engine;
  }

  /**
   * Flushes what waits, for at most the builder's {@code drain}; what is left then is in the
   * journal, and flushed after the next start. Waits, for at most 10 s, for loads and writes that
   * have begun.
   */
  @Override
  public void close() {
    engine.close();
  }

  /** Settings of a cache as a whole. None is required. */
  public static final class Builder {
    private @Nullable Database database;
    private MeterRegistry meters = new SimpleMeterRegistry();
    private Clock clock = System::nanoTime;
    private @Nullable Path directory;
    private Durability durability = Durability.FSYNC;
    private Duration drain = Duration.ofSeconds(10);

    private Builder() {}

    /** The database whose tables can stand behind keyspaces. */
    public Builder database(Database next) {
      database = next;
      return this;
    }

    /** Where the journal is and what else must last: write-behind needs it. One for each cache. */
    public Builder directory(@Nullable Path next) {
      directory = next;
      return this;
    }

    /** What an acknowledged write of a write-behind keyspace survives. Default: a power cut. */
    public Builder durability(Durability next) {
      durability = next;
      return this;
    }

    /** How long {@link Cachewright#close} flushes what waits. Default 10 s; zero: not at all. */
    public Builder drain(Duration next) {
      drain = next;
      return this;
    }

    /**
     * Where metrics go, all named {@code cachewright.…} and tagged with their keyspace. They leave
     * when the cache is closed. Of caches that are open at the same time each needs a registry.
     */
    public Builder meters(MeterRegistry next) {
      meters = next;
      return this;
    }

    /** What time it is, for tests. */
    public Builder clock(Clock next) {
      clock = next;
      return this;
    }

    /**
     * @throws ConfigurationException if the directory cannot be used, or another process has it
     * @throws JournalException if the journal is damaged
     */
    public Cachewright open() {
      return new Cachewright(this);
    }
  }
}
