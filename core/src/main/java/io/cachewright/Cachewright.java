// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import io.cachewright.engine.Clock;
import io.cachewright.engine.Engine;
import io.cachewright.engine.Units;
import io.cachewright.store.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Describes a keyspace; {@link KeyspaceBuilder#open} opens it.
   *
   * @param name unused so far; metrics, errors and the Redis protocol call it by this
   * @param key what its keys are
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

  /** What is inside, for the server. Not for applications: it may change without warning. */
  public Engine engine() {
    return engine;
  }

  /** Waits, for at most 10 s, for loads and writes that have begun. */
  @Override
  public void close() {
    engine.close();
  }

  /** Settings of a cache as a whole. None is required. */
  public static final class Builder {
    private @Nullable Database database;
    private MeterRegistry meters = new SimpleMeterRegistry();
    private Clock clock = System::nanoTime;

    private Builder() {}

    /** The database whose tables can stand behind keyspaces. */
    public Builder database(Database next) {
      database = next;
      return this;
    }

    /** Where metrics go, all named {@code cachewright.…} and tagged with their keyspace. */
    public Builder meters(MeterRegistry next) {
      meters = next;
      return this;
    }

    /** What time it is, for tests. */
    public Builder clock(Clock next) {
      clock = next;
      return this;
    }

    public Cachewright open() {
      return new Cachewright(this);
    }
  }
}
