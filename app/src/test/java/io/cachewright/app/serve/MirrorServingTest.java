// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachewright.app.Failure;
import io.cachewright.app.TestDatabase;
import io.cachewright.app.config.BadConfiguration;
import io.cachewright.app.config.ConfigurationReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors whose table cannot be used, as Redis clients see it. */
@Timeout(60) // of what would wait for ever
final class MirrorServingTest {
  private static final String TABLE =
      "create table carts (key text primary key, value text, bytes bytea, fields jsonb,"
          + " expires_at timestamptz)";

  @TempDir Path data;

  private Serve serve(String url) throws Exception {
    return Serve.by(
        """
        database: %s
        data: %s
        drain: 0s
        keyspaces: { carts: { pattern: record, mirror: { every: 1h } } }
        """
            .formatted(url, data));
  }

  @Test
  void p8_aFlushIntoATableThatCannotBeMadeIsAnErrorThatSaysWhatToDo() throws Exception {
    try (Serve serve = serve(TestDatabase.postgres("mirror_gone"))) {
      serve.call("HSET", "carts:1", "apples", "3");
      assertThat(serve.call("CW.FLUSH")).isEqualTo("OK");
      TestDatabase.asOwner(
          "mirror_gone", "drop table carts", "alter schema public owner to postgres");
      serve.call("HSET", "carts:1", "apples", "4");
      for (String[] flush : new String[][] {{"CW.FLUSH"}, {"CW.FLUSH", "carts"}}) {
        assertThat(serve.refusal(flush))
            .startsWith(
                "ERR the mirror of keyspace carts does not get on: the mirror's table carts")
            .contains("permission denied for schema public", "create table");
      }
      TestDatabase.asOwner("mirror_gone", "alter schema public owner to app");
      await()
          .atMost(Duration.ofSeconds(40))
          .untilAsserted(
              () -> assertThat(serve.refusal("CW.FLUSH")).isEqualTo("no refusal but OK"));
    }
  }

  @Test
  void p8_soIsOneIntoATableFromWhichNothingMayBeDeleted() throws Exception {
    String url = TestDatabase.postgres("mirror_rights");
    TestDatabase.asOwner("mirror_rights", TABLE, "grant select, insert, update on carts to app");
    try (Serve serve = serve(url)) {
      serve.call("HSET", "carts:1", "apples", "3");
      assertThat(serve.refusal("CW.FLUSH"))
          .startsWith("CWAWAY the mirror of keyspace carts does not get on: copy into the mirror's")
          .contains("permission denied for table carts", "grant");
    }
  }

  @Test
  void aStartThatIsRefusedHasMadeNoTable() throws Exception {
    Path shop = data.resolve("shop.db");
    String url = TestDatabase.sqlite(shop, "create table orders (id integer primary key)");
    String yaml = "database: %s\ndata: %s\ndrain: %s\nkeyspaces:\n".formatted(url, data, "5s");
    String mirror = "  carts: { pattern: record, mirror: { table: carts_now } }\n";
    try (Serve serve = Serve.by(yaml + "  old: { pattern: record }\n")) {
      serve.call("SET", "old:1", "kept");
    }
    assertThatThrownBy(() -> Serve.by(yaml + mirror + "  old: {}\n"))
        .isInstanceOf(BadConfiguration.class)
        .hasMessageContaining("no table old");
    assertThatThrownBy(() -> Serve.by(yaml + mirror))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("changes of old wait in the journal");
    assertThat(TestDatabase.count(shop, "sqlite_master where tbl_name like 'carts%'")).isZero();
    assertThatThrownBy(() -> forgetting(yaml + mirror + "  old: { pattern: record }\n", "old"))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("--forget old: it is a record keyspace of the configuration");
    try (Serve serve = Serve.by(yaml + mirror + "  old: { pattern: record }\n")) {
      assertThat(serve.call("GET", "old:1")).isEqualTo("kept");
    }
  }

  private static Serve forgetting(String yaml, String name) throws Exception {
    return Serve.of(
        Serving.start(
            ConfigurationReader.readText("listen: 127.0.0.1:0\n" + yaml, "c.yaml"), List.of(name)));
  }
}
