// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.journal.Durability;
import io.cachewright.journal.JournalOptions;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server whose clients do not wait for fsyncs. */
class WithoutFsyncTest extends HeldServerFixture {

  @BeforeEach
  void start() {
    open(Cachewright.builder(), new JournalOptions(Durability.OS, 64 << 10, 8 << 10, 64 << 10));
    serve(new Catalog(cache, Pattern.RECORD, KeyspaceOptions.DEFAULT));
  }

  @Test
  void p1_whatSurvivesTheEndOfTheProcessIsAnsweredWhileAnFsyncHangs() {
    assertThat(client.ask("SET a 1")).isEqualTo("OK");
    disk.hold();
    other.send("WAITAOF 1 0 0");
    disk.awaitHeld();
    assertThat(client.ask("INCR a")).isEqualTo("(integer) 2");
    assertThat(client.pipeline(List.of("MULTI", "INCR a", "HSET h f 1", "EXEC", "GET a")))
        .endsWith("[(integer) 3, (integer) 1]", "\"3\"");
    assertThat(other.hasReply()).isFalse();
    disk.release();
    assertThat(other.reply()).isEqualTo("[(integer) 1, (integer) 0]");
  }

  @Test
  void p7_moreThanMayWaitAndThanASegmentHoldsIsWritten() {
    String value = "v".repeat(1_000);
    List<String> writes = IntStream.range(0, 500).mapToObj(i -> "SET k" + i + " " + value).toList();
    assertThat(client.pipeline(writes)).hasSize(500).containsOnly("OK");
    assertThat(cache.engine().log().journalStats().segments()).isGreaterThan(5);
    assertThat(other.ask("DBSIZE")).isEqualTo("(integer) 500");
  }
}
