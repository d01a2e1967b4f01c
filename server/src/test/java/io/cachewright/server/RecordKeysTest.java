// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.TestSql.sql;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.KeyspaceOptions;
import io.cachewright.Pattern;
import io.cachewright.WriteBehindOptions;
import io.cachewright.engine.Log;
import io.cachewright.jdbc.JdbcDatabase;
import io.cachewright.journal.JournalOptions;
import io.cachewright.server.Catalog.Format;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteDataSource;

/** Plain keys that are record, over a disk whose fsync can be held up; rows beside them. */
class RecordKeysTest extends HeldServerFixture {
  private static final KeyspaceOptions SMALL =
      KeyspaceOptions.DEFAULT.toBuilder().maximumSize(3).build();

  private final SQLiteDataSource source = new SQLiteDataSource();

  @BeforeEach
  void begin() {
    source.setUrl("jdbc:sqlite:" + directory.resolve("test.db"));
    sql(source, "create table users (id integer primary key, name text, age integer)");
    sql(source, "create table accounts (id integer primary key, money integer)");
    start();
  }

  private void start() {
    open(Cachewright.builder().database(JdbcDatabase.of(source)), JournalOptions.DEFAULTS);
    Catalog catalog = new Catalog(cache, Pattern.RECORD, KeyspaceOptions.DEFAULT);
    catalog.addPlain("few", Pattern.RECORD, SMALL);
    catalog.addPlain("lost", Pattern.LOOK_ASIDE, KeyspaceOptions.DEFAULT);
    WriteBehindOptions late = WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofHours(1));
    cache.keyspace("users").table("users").writeBehind(late).open();
    catalog.addTable("users", Format.HASH);
    cache.keyspace("accounts").table("accounts").writeThrough().open();
    catalog.addTable("accounts", Format.HASH);
    serve(catalog);
  }

  private void restart() {
    stop();
    start();
  }

  // ---- P1: what was acknowledged is there after a restart ----

  @Test
  void p1_keysOfEveryKindAreThereAfterARestart() {
    client.ask("SET a 1");
    client.ask("APPEND a 23");
    client.ask("INCRBY n 17");
    client.ask("MSET b x c y lost:1 z");
    client.ask("DEL c");
    client.ask("HSET h f 1 g 2");
    client.ask("HSET h g 3 i 4");
    client.ask("HDEL h f");
    client.ask("HINCRBY h i 5");
    client.ask("RENAME b d");
    client.ask("HSET gone f 1");
    client.ask("HDEL gone f");
    client.ask("SET far v PXAT 4102444800000");
    client.ask("SET soon v PX 1");
    client.ask("EXPIREAT h 4102444800");
    client.ask("SET stays v EX 100");
    client.ask("PERSIST stays");
    for (int i = 0; i < 2; i++) { // from the journal, and then from a snapshot
      restart();
      assertThat(client.ask("GET a")).isEqualTo("\"123\"");
      assertThat(client.ask("GET n")).isEqualTo("\"17\"");
      assertThat(client.ask("MGET b c d")).isEqualTo("[(nil), (nil), \"x\"]");
      assertThat(client.ask("HGETALL h")).isEqualTo("[\"g\", \"3\", \"i\", \"9\"]");
      assertThat(client.ask("EXPIRETIME h")).isEqualTo("(integer) 4102444800");
      assertThat(client.ask("EXISTS gone soon lost:1")).isEqualTo("(integer) 0");
      assertThat(client.ask("EXPIRETIME far")).isEqualTo("(integer) 4102444800");
      assertThat(client.ask("TTL stays")).isEqualTo("(integer) -1");
      assertThat(client.ask("SAVE")).isEqualTo("OK");
    }
  }

  @Test
  void p1_aLargeHashIsThereAfterASnapshotAndChanges() {
    for (int i = 0; i < 2_000; i += 100) {
      StringBuilder command = new StringBuilder("HSET large");
      for (int j = i; j < i + 100; j++) {
        command.append(" f").append(j).append(" v").append(j);
      }
      client.ask(command.toString());
    }
    client.ask("SAVE");
    client.ask("HSET large f7 other new 1");
    client.ask("HDEL large f8");
    restart();
    assertThat(client.ask("HLEN large")).isEqualTo("(integer) 2000");
    assertThat(client.ask("HMGET large f7 f8 f1999 new"))
        .isEqualTo("[\"other\", (nil), \"v1999\", \"1\"]");
  }

  @Test
  void p1_noReplyLeavesBeforeTheJournalHasTheWrite() {
    disk.hold();
    client.send("SET a 1");
    disk.awaitHeld();
    assertThat(other.ask("PING")).isEqualTo("PONG");
    assertThat(client.hasReply()).isFalse();
    disk.release();
    assertThat(client.reply()).isEqualTo("OK");
  }

  // ---- P2: a transaction is whole ----

  @Test
  void p2_aTransactionIsOneRecordOfTheJournal() {
    long before = appended();
    client.ask("MULTI");
    client.ask("SET a 1");
    client.ask("INCR a");
    client.ask("HSET h f 1");
    client.ask("HGET a f");
    client.ask("HINCRBY h f 2");
    client.ask("SET lost:1 1");
    client.ask("GET lost:1");
    client.ask("DEL a a");
    assertThat(client.ask("EXEC"))
        .startsWith("[OK, (integer) 2, (integer) 1, (error) WRONGTYPE")
        .endsWith("(integer) 3, OK, \"1\", (integer) 1]");
    assertThat(appended()).isEqualTo(before + 1);
    assertThat(client.ask("MGET a lost:1")).isEqualTo("[(nil), \"1\"]");
    restart();
    assertThat(client.ask("HGET h f")).isEqualTo("\"3\"");
  }

  private long appended() {
    Log log = cache.engine().log();
    return log == null ? 0 : log.journalStats().appended();
  }

  @Test
  void p2_rowsAndRecordKeysAreOneTransaction() {
    long before = appended();
    client.ask("MULTI");
    client.ask("HSET users:1 name Ann");
    client.ask("INCR visits");
    client.ask("HGET users:1 name");
    client.ask("INCR visits");
    client.ask("SET lost:1 1");
    assertThat(client.ask("EXEC"))
        .isEqualTo("[(integer) 1, (integer) 1, \"Ann\", (integer) 2, OK]");
    assertThat(appended()).isEqualTo(before + 1);
    assertThat(client.ask("MGET visits lost:1")).isEqualTo("[\"2\", \"1\"]");
    restart();
    assertThat(client.ask("GET visits")).isEqualTo("\"2\"");
    assertThat(client.ask("HGET users:1 name")).isEqualTo("\"Ann\"");
  }

  @Test
  void p2_rowsThatAreWrittenThroughCannotBeInOneTransactionWithRecordKeys() {
    client.ask("MULTI");
    client.ask("HSET accounts:1 money 5");
    client.ask("SET a 1");
    assertThat(client.ask("EXEC")).contains("EXECABORT").contains("accounts").contains("plain");
    assertThat(client.ask("EXISTS a accounts:1")).isEqualTo("(integer) 0");
  }

  @Test
  void aTransactionIsNotRunIfAWatchedKeyWasWritten() {
    client.ask("SET a 1");
    client.ask("WATCH a");
    other.ask("SET a 2");
    client.ask("MULTI");
    client.ask("SET a 3");
    assertThat(client.ask("EXEC")).isEqualTo("(nil)");
    assertThat(client.ask("GET a")).isEqualTo("\"2\"");
  }

  @Test
  void p2_transactionsOfRowsAndKeysLoseNoCount() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                try (RespClient own = new RespClient(server.port())) {
                  for (int j = 0; j < 50; j++) {
                    own.pipeline(List.of("MULTI", "HINCRBY users:1 age 1", "INCR count", "EXEC"));
                    own.ask("INCR count");
                  }
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(client.ask("GET count")).isEqualTo("\"400\"");
  }

  // ---- P3: nobody is shown what a crash can take back ----

  @Test
  void p3_aReaderWaitsForWhatIsNotOnDisk() {
    client.ask("SET a 1");
    disk.hold();
    client.send("SET a 2");
    disk.awaitHeld();
    other.send("GET a");
    try (RespClient third = new RespClient(server.port())) {
      while (hits() == 0) {
        third.ask("PING");
      }
      for (int i = 0; i < 20; i++) {
        assertThat(third.ask("PING")).isEqualTo("PONG");
      }
    }
    assertThat(other.hasReply()).isFalse();
    disk.release();
    assertThat(other.reply()).isEqualTo("\"2\"");
    assertThat(client.reply()).isEqualTo("OK");
  }

  private long hits() {
    var space = cache.engine().space("plain");
    return space == null ? 0 : space.stats().hits();
  }

  @Test
  void p3_aReaderWaitsForARemovalThatIsNotOnDisk() {
    client.ask("SET a 1");
    disk.hold();
    client.send("DEL a");
    disk.awaitHeld();
    other.send("EXISTS a");
    try (RespClient third = new RespClient(server.port())) {
      for (int i = 0; i < 50; i++) {
        assertThat(third.ask("PING")).isEqualTo("PONG");
      }
    }
    assertThat(other.hasReply()).isFalse();
    disk.release();
    assertThat(other.reply()).isEqualTo("(integer) 0");
  }

  @Test
  void p3_afterAFailedFsyncNobodyIsToldOfTheWrite() {
    client.ask("SET safe 1");
    disk.hold();
    client.send("SET a 1");
    disk.awaitHeld();
    disk.fail();
    assertThat(client.reply()).contains("CWJOURNAL"); // nobody knows whether it is there
    assertThat(client.isClosed()).isTrue();
    assertThat(other.ask("GET a")).contains("CWJOURNAL");
    assertThat(other.ask("SET b 1")).contains("CWJOURNAL");
    assertThat(other.ask("GET safe")).isEqualTo("\"1\"");
    assertThat(other.ask("GET b")).isEqualTo("(nil)");
  }

  // ---- P7, P10: bounds; nothing is dropped ----

  @Test
  void p7_aFullKeyspaceRefusesAndChangesNothing() {
    client.ask("MSET few:1 a few:2 b few:3 c");
    assertThat(client.ask("SET few:4 d")).contains("CWLIMIT keyspace few is full: max-size");
    assertThat(client.ask("SET few:3 d")).isEqualTo("OK");
    client.ask("MULTI");
    client.ask("SET few:1 x");
    client.ask("SET few:4 d");
    assertThat(client.ask("EXEC")).contains("EXECABORT").contains("CWLIMIT");
    assertThat(client.ask("MGET few:1 few:2 few:3 few:4"))
        .isEqualTo("[\"a\", \"b\", \"d\", (nil)]");
    client.ask("DEL few:1");
    assertThat(client.ask("SET few:4 d")).isEqualTo("OK");
  }

  @Test
  void p10_nothingDropsRecordKeysButTheirRemoval() {
    client.ask("MSET a 1 few:1 2 lost:1 3");
    assertThat(client.ask("FLUSHALL")).contains("CWNOTALLOWED").contains("CW.CLEAR");
    assertThat(client.ask("CW.EVICT a")).contains("CWNOTALLOWED");
    assertThat(client.ask("EXISTS a few:1 lost:1")).isEqualTo("(integer) 3");
    assertThat(client.ask("CW.CLEAR few")).isEqualTo("(integer) 1");
    assertThat(client.ask("CW.CLEAR plain")).isEqualTo("(integer) 1");
    assertThat(client.ask("CW.CLEAR lost")).contains("no record keyspace lost");
    assertThat(client.ask("FLUSHALL")).isEqualTo("OK");
    restart();
    assertThat(client.ask("EXISTS a few:1 lost:1")).isEqualTo("(integer) 0");
  }

  // ---- snapshots ----

  @Test
  void snapshotsAreTakenWhileOthersGoOn() {
    client.ask("SET a 1");
    assertThat(client.ask("BGSAVE")).isEqualTo("Background saving started");
    String status = client.ask("INFO persistence");
    while (status.contains("rdb_bgsave_in_progress:1")) {
      status = client.ask("INFO persistence");
    }
    assertThat(status).contains("rdb_last_bgsave_status:ok");
    assertThat(client.ask("SAVE")).isEqualTo("OK");
    long last = Long.parseLong(client.ask("LASTSAVE").substring("(integer) ".length()));
    assertThat(last).isBetween(System.currentTimeMillis() / 1_000 - 60, Long.MAX_VALUE);
    assertThat(client.ask("BGSAVE never")).contains("ERR syntax");
  }

  /** The common pool is the application's. (With one processor or two, Java 17 does not use it.) */
  @Test
  void whatTakesLongGoesOnWhileTheCommonPoolIsHeldUp() {
    CountDownLatch held = new CountDownLatch(1);
    List<ForkJoinTask<?>> all = new ArrayList<>();
    for (int i = 0; i < ForkJoinPool.getCommonPoolParallelism(); i++) {
      all.add(ForkJoinPool.commonPool().submit(ForkJoinTask.adapt(() -> await(held))));
    }
    client.ask("SET a 1");
    assertThat(client.ask("SAVE")).isEqualTo("OK");
    assertThat(client.ask("CW.CLEAR plain")).isEqualTo("(integer) 1");
    held.countDown();
    all.forEach(ForkJoinTask::join);
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailedSnapshotIsAnErrorAndLosesNothing() {
    client.ask("SET a 1");
    disk.hold();
    client.send("SAVE");
    disk.awaitHeld();
    disk.fail();
    assertThat(client.reply()).contains("(error)");
    assertThat(other.ask("INFO persistence")).contains("rdb_last_bgsave_status:err");
    assertThat(other.ask("GET a")).isEqualTo("\"1\"");
    disk.release();
    restart();
    assertThat(client.ask("GET a")).isEqualTo("\"1\"");
  }
}
