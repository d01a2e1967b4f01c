// SPDX-License-Identifier: Apache-2.0
package io.cachewright.jdbc;

import io.cachewright.Cachewright;
import io.cachewright.Columns;
import io.cachewright.Keyspace;
import io.cachewright.MirrorOptions;
import io.cachewright.WriteBehindStatus;
import io.cachewright.store.ByteSink;
import io.cachewright.store.ByteSource;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueFormat;
import io.cachewright.store.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A record keyspace and the table that it is mirrored into. */
@Timeout(120)
abstract class MirrorFixture {
  static final MirrorOptions NOW = MirrorOptions.every(Duration.ZERO);

  /** So that nothing is flushed unless a test asks for it. */
  static final MirrorOptions LATE = MirrorOptions.every(Duration.ofHours(1));

  record Cart(String owner, long items, @Nullable LocalDate due) {}

  /** How carts are written to the journal. */
  static final ValueType<Cart> CARTS =
      ValueType.opaque(
          new Codec<>() {
            @Override
            public void write(Cart cart, ByteSink out) {
              ValueFormat.write(cart.owner(), out);
              ValueFormat.write(cart.items(), out);
              ValueFormat.write(cart.due() == null ? "" : cart.due().toString(), out);
            }

            @Override
            public Cart read(ByteSource in, Function<List<String>, Columns> columns) {
              String owner = (String) Objects.requireNonNull(ValueFormat.read(in, columns));
              long items = (Long) Objects.requireNonNull(ValueFormat.read(in, columns));
              String due = (String) Objects.requireNonNull(ValueFormat.read(in, columns));
              return new Cart(owner, items, due.isEmpty() ? null : LocalDate.parse(due));
            }
          });

  @TempDir Path directory;
  TestDatabase database;
  Cachewright cache;
  Keyspace<String, Cart> carts;

  abstract TestDatabase create();

  @BeforeEach
  void openDatabase() {
    database = create();
    cache = opened(database.open());
  }

  @AfterEach
  void close() {
    cache.close();
    database.close();
  }

  Cachewright opened(JdbcDatabase jdbc) {
    return Cachewright.builder()
        .database(jdbc)
        .directory(directory.resolve("data"))
        .drain(Duration.ZERO)
        .open();
  }

  /** Ends it without a flush. */
  void restart() {
    cache.close();
    cache = opened(database.open());
  }

  Keyspace<String, Cart> carts(MirrorOptions options) {
    return carts("carts", options);
  }

  Keyspace<String, Cart> carts(String table, MirrorOptions options) {
    return cache
        .keyspace("carts", String.class, Cart.class)
        .values(CARTS)
        .record()
        .mirror(table, options)
        .open();
  }

  static Cart cart(String owner, long items) {
    return new Cart(owner, items, null);
  }

  WriteBehindStatus status() {
    return cache.writeBehind().get(0);
  }

  List<String> rows() {
    return database.ask("select key || ' ' || owner || ' ' || items from carts order by key");
  }

  /** What the table must show of these entries. */
  static List<String> shown(Map<String, Cart> all) {
    List<String> rows = new ArrayList<>();
    all.forEach((key, cart) -> rows.add(key + " " + cart.owner() + " " + cart.items()));
    rows.sort(null);
    return rows;
  }

  /** Why the mirror does not get on; waits for it. */
  String failure() {
    Awaitility.await().until(() -> status().failing() != null);
    return String.valueOf(Objects.requireNonNull(status().failing()).getMessage());
  }
}
