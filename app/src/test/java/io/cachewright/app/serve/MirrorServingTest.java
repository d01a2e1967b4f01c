// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachewright.app.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
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
}
