// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cachewright.CacheException;
import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.KeyspaceOptions;
import io.cachewright.MemoryDatabase;
import io.cachewright.WriteBehindOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log with tight bounds, over a database that is slow, held or away. */
@Timeout(60)
abstract class WaitingCommitsFixture {
  static final long MAX_PENDING = 2_000;
  static final WriteBehindOptions TINY =
      WriteBehindOptions.DEFAULT
          .withMaxDelay(Duration.ofHours(1)) // so that it is the bound that brings about a flush
          .withMaxPending(MAX_PENDING)
          .withCoalesce(false); // so that the database is told of every change
  static final KeyspaceOptions PATIENT =
      KeyspaceOptions.DEFAULT.toBuilder().waitMax(Duration.ofSeconds(50)).writeBehind(TINY).build();
  static final KeyspaceOptions HASTY = PATIENT.toBuilder().waitMax(Duration.ofMillis(30)).build();

  /** With its key more than half of the room, so that of these one waits at a time. */
  static final String LARGE = "x".repeat(1_000);

  @TempDir Path directory;
  final MemoryDatabase database = new MemoryDatabase();
  final MemoryDatabase.Table<String> table = database.table();
  final List<Object> applied = Collections.synchronizedList(new ArrayList<>());
  Cachewright cache;
  Log log;

  @BeforeEach
  void open() {
    cache = Cachewright.builder().directory(directory).drain(Duration.ZERO).open();
    log = Objects.requireNonNull(cache.engine().log());
    database.refuses = value -> !applied.add(value);
  }

  @AfterEach
  void close() {
    database.commits.open();
    cache.close();
  }

  Keyspace<Integer, String> notes(KeyspaceOptions options) {
    return notes("notes", table, options);
  }

  Keyspace<Integer, String> notes(
      String name, MemoryDatabase.Table<String> of, KeyspaceOptions options) {
    return cache
        .keyspace(name, Integer.class, String.class)
        .store(of)
        .options(options)
        .writeBehind()
        .open();
  }

  /** Holds the database, and writes until the next write has to wait. */
  void fill(Keyspace<Integer, String> notes) throws Exception {
    database.commits.close();
    join(notes.async().put(-1, LARGE));
    join(notes.async().put(-2, "y".repeat(400)));
    assertEquals(0, log.waiting());
  }

  static <R> R join(CompletableFuture<R> future) throws Exception {
    try {
      return future.get(50, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CacheException error ? error : e;
    }
  }

  static void await(BooleanSupplier condition) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(50))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(condition::getAsBoolean);
  }
}
