// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.store.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an update read expires while its function runs, and nothing stands behind the cache. */
class UpdateExpiryTest {
  private static final Columns COLUMNS = Columns.of(List.of("a", "b"));

  private final HandClock clock = new HandClock();

  @Test
  void p9_noColumnIsLostOfPlainKeys() {
    try (Cachewright cache = Cachewright.builder().clock(clock).open()) {
      expires(cache.keyspace("x", Integer.class, Row.class).lookAside());
    }
  }

  @Test
  void p9_noColumnIsLostOfRecordKeys(@TempDir Path directory) {
    try (Cachewright cache = Cachewright.builder().clock(clock).directory(directory).open()) {
      expires(cache.keyspace("x", Integer.class, Row.class).record());
    }
  }

  private void expires(KeyspaceBuilder<Integer, Row> builder) {
    Keyspace<Integer, Row> keyspace =
        builder.values(ValueType.ROW).expireAfterWrite(Duration.ofSeconds(10)).jitter(0).open();
    keyspace.put(1, Row.empty(COLUMNS).with("a", 1L).with("b", 1L));
    clock.pass(Duration.ofSeconds(9));
    keyspace.update(
        1,
        row -> {
          clock.pass(Duration.ofSeconds(2));
          return row.with("a", 2L);
        });
    assertThat(keyspace.get(1))
        .isNotNull()
        .extracting(row -> row.get("a"), row -> row.get("b"))
        .containsExactly(2L, 1L);
  }
}
