// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/guides/metrics.md} has every meter, and no other. */
class MetricsDocTest {
  private static final Path PAGE = Path.of("..", "docs", "guides", "metrics.md");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z.]+)` \\|");

  @Test
  void theTablesAreWhatIsRegistered(@TempDir Path directory) throws IOException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (Cachewright cache = Cachewright.builder().directory(directory).meters(registry).open()) {
      var kept = cache.keyspace("kept", String.class, String.class).record().open();
      assertThat(kept.size()).isZero();
      try (CachewrightServer server =
          CachewrightServer.builder(new Catalog(cache)).port(0).meters(registry).start()) {
        assertThat(server.connections()).isZero();
        Set<String> registered =
            registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(ROW.matcher(Files.readString(PAGE)).results().map(row -> row.group(1)))
            .containsExactlyInAnyOrderElementsOf(registered);
      }
    }
    assertThat(registry.getMeters()).as("meters that stay").isEmpty();
  }
}
