// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cachewright.store.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cache over a database in memory and a journal on disk. */
@Timeout(60)
abstract class WriteBehindFixture {
  /** So that nothing is flushed unless a test asks for it. */
  static final WriteBehindOptions LATE =
      WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1));

  static final Columns COLUMNS = Columns.of("id", "name", "age");

  @TempDir Path directory;
  final MemoryDatabase database = new MemoryDatabase();
  final MemoryDatabase.Table<String> table = database.table();
  final MemoryDatabase.Table<Row> people = database.table(ValueType.rows(COLUMNS));
  Cachewright cache;
  Keyspace<Integer, String> notes;

  @BeforeEach
  void open() {
    cache = opened();
    notes = notes(LATE);
  }

  Cachewright opened() {
    return Cachewright.builder().directory(directory).drain(Duration.ZERO).open();
  }

  Keyspace<Integer, String> notes(WriteBehindOptions options) {
    return cache
        .keyspace("notes", Integer.class, String.class)
        .store(table)
        .writeBehind(options)
        .open();
  }

  Keyspace<Integer, Row> people() {
    return cache
        .keyspace("people", Integer.class, Row.class)
        .store(people)
        .writeBehind(LATE)
        .open();
  }

  @AfterEach
  void close() {
    database.commits.open();
    database.away = false;
    cache.close();
  }

  /** Ends it without a flush. */
  void crash() {
    cache.close();
    cache = opened();
  }

  ParkedChange onlyParked() {
    assertEquals(1, cache.parked().size());
    return cache.parked().list().get(0);
  }

  static Row add(long by) {
    return Row.empty(COLUMNS).with("age", Increment.of(by));
  }

  static Object age(Keyspace<Integer, Row> keyspace, int key) {
    return Objects.requireNonNull(Objects.requireNonNull(keyspace.get(key)).get("age"));
  }
}
