// SPDX-License-Identifier: Apache-2.0
package io.cachewright;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MemoryDatabase database = new MemoryDatabase();

  private double counter(String name) {
    return registry.get(name).tag("keyspace", "users").functionCounter().count();
  }

  @Test
  void everythingThatHappensIsCountedByKeyspace() {
    try (Cachewright cache = Cachewright.builder().meters(registry).open()) {
      Keyspace<Integer, String> users =
          cache
              .keyspace("users", Integer.class, String.class)
              .writeThrough()
              .store(database.<String>table())
              .maximumSize(10)
              .open();
      users.getAll(List.of(1, 2, 3));
      users.get(1);
      IntStream.range(0, 100).forEach(key -> users.put(key, "v"));
      database.refuses = value -> true;
      assertThatThrownBy(() -> users.put(1, "bad")).isInstanceOf(RefusedException.class);
      database.away = true;
      assertThatThrownBy(() -> users.get(1_000)).isInstanceOf(StoreAwayException.class);
      assertThat(counter("cachewright.misses")).isEqualTo(4);
      assertThat(counter("cachewright.hits")).isEqualTo(1);
      assertThat(counter("cachewright.writes")).isEqualTo(101);
      assertThat(counter("cachewright.write.errors")).isEqualTo(1);
      assertThat(counter("cachewright.load.errors")).isEqualTo(1);
      assertThat(counter("cachewright.evictions")).isGreaterThan(80);
      assertThat(registry.get("cachewright.entries").gauge().value()).isBetween(1.0, 10.0);
      assertThat(registry.get("cachewright.load.time").timer().count()).isEqualTo(1);
      assertThat(registry.get("cachewright.load.batch").summary().max()).isEqualTo(3);
      assertThat(registry.get("cachewright.write.time").timer().count()).isEqualTo(101);
      assertThat(registry.get("cachewright.write.batch").summary().max()).isEqualTo(1);
      assertThat(registry.getMeters().stream().map(Meter::getId).map(Meter.Id::getName))
          .allMatch(name -> name.startsWith("cachewright."));
    }
  }

  @Test
  void metersLeaveWithTheirCacheSoThatTheNextIsShown() {
    for (int life = 0; life < 2; life++) {
      try (Cachewright cache = Cachewright.builder().meters(registry).open()) {
        Keyspace<Integer, String> users =
            cache.keyspace("users", Integer.class, String.class).lookAside().open();
        for (int i = 0; i <= life; i++) {
          users.get(1);
        }
        assertThat(counter("cachewright.misses")).isEqualTo(life + 1);
      }
      assertThat(registry.getMeters()).isEmpty();
    }
  }

  @Test
  void metersOfAKeyspaceThatCouldNotBeOpenedDoNotStandInForIt(@TempDir Path directory) {
    try (Cachewright cache = Cachewright.builder().directory(directory).open()) {
      cache.keyspace("users", Integer.class, String.class).record().open().put(1, "a");
    }
    try (Cachewright cache = Cachewright.builder().meters(registry).directory(directory).open()) {
      assertThatThrownBy(
              () ->
                  cache
                      .keyspace("users", Integer.class, String.class)
                      .store(database.<String>table())
                      .writeBehind()
                      .open())
          .isInstanceOf(ConfigurationException.class);
      cache.keyspace("users", Integer.class, String.class).record().open().put(2, "b");
      assertThat(counter("cachewright.writes")).isEqualTo(1);
      assertThat(registry.get("cachewright.entries").gauge().value()).isEqualTo(2);
    }
  }

  @Test
  void whatWriteBehindHasToDoIsMeasured(@TempDir Path directory) {
    try (Cachewright cache = Cachewright.builder().meters(registry).directory(directory).open()) {
      Keyspace<Integer, String> users =
          cache
              .keyspace("users", Integer.class, String.class)
              .store(database.<String>table())
              .writeBehind(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1)))
              .open();
      users.put(1, "a");
      users.put(1, "b");
      users.put(2, "bad");
      assertThat(gauge("cachewright.lag.changes")).isEqualTo(3);
      assertThat(gauge("cachewright.lag.bytes")).isGreaterThan(0);
      assertThat(gauge("cachewright.flush.generations")).isEqualTo(1);
      assertThat(gauge("cachewright.journal.bytes")).isGreaterThan(0);
      database.refuses = "bad"::equals;
      users.flush();
      assertThat(gauge("cachewright.lag.changes")).isZero();
      assertThat(gauge("cachewright.parked")).isEqualTo(1);
      assertThat(registry.get("cachewright.flush.rows").functionCounter().count()).isEqualTo(2);
      assertThat(registry.get("cachewright.flush.time").functionTimer().count()).isEqualTo(1);
      assertThat(registry.get("cachewright.journal.records").functionCounter().count())
          .isEqualTo(3);
      assertThat(registry.get("cachewright.journal.fsync.time").functionTimer().count())
          .isGreaterThan(0);
    }
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }
}
