// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cachewright.Keyspace;
import io.cachewright.LimitException;
import io.cachewright.MemoryDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** All of it at once, with a checker. */
class WaitingCommitsStormTest extends WaitingCommitsFixture {
  private static final int STORMS = Integer.getInteger("cachewright.storms", 5);

  @Test
  void p7_the_store_has_the_last_acknowledged_write_and_no_refused_one() throws Exception {
    int refusals = 0;
    for (long seed = Long.getLong("cachewright.seed", 1), end = seed + STORMS; seed < end; seed++) {
      try {
        refusals += new Storm(seed).run();
      } catch (AssertionError | Exception e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(refusals > 0, "nobody was refused");
  }

  /** Writers of both kinds, each with a key of its own, while the database comes and goes. */
  private final class Storm {
    private static final int WRITERS = 6;
    private static final int WRITES = 120;

    private final MemoryDatabase ours = new MemoryDatabase();
    private final MemoryDatabase.Table<String> values = ours.table();
    private final List<Object> told = Collections.synchronizedList(new ArrayList<>());
    private final List<List<CompletableFuture<Void>>> answers = new ArrayList<>();
    private final Random random;
    private final Keyspace<Integer, String> keyspace;
    private int refusals;

    Storm(long seed) {
      random = new Random(seed);
      ours.refuses = value -> !told.add(value);
      keyspace =
          notes(
              "storm" + seed,
              values,
              HASTY.toBuilder()
                  .waitMax(Duration.ofMillis(1 + random.nextInt(20)))
                  .loadBatchMax(1)
                  .waitingMax(50 + random.nextInt(200))
                  .build());
    }

    /** Answers how many were refused. */
    int run() throws Exception {
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int key = i;
        List<CompletableFuture<Void>> own = new ArrayList<>();
        answers.add(own);
        writers.add(CompletableFuture.runAsync(() -> write(key, own), cache.engine().executor()));
      }
      CompletableFuture<Void> all =
          CompletableFuture.allOf(writers.toArray(CompletableFuture<?>[]::new));
      while (!all.isDone()) {
        ours.commits.close();
        int some = random.nextInt(60);
        await(() -> all.isDone() || log.waiting() >= some);
        ours.commits.open();
        await(() -> all.isDone() || log.waiting() == 0);
      }
      join(all);
      ours.commits.open();
      check();
      return refusals;
    }

    private void write(int key, List<CompletableFuture<Void>> own) {
      for (int i = 0; i < WRITES; i++) {
        String value = key + ":" + i + ":" + "v".repeat(i % 300);
        if (key % 2 == 0) {
          own.add(keyspace.async().put(key, value));
        } else {
          own.add(blocking(key, value));
        }
      }
    }

    private CompletableFuture<Void> blocking(int key, String value) {
      try {
        keyspace.put(key, value);
        return CompletableFuture.completedFuture(null);
      } catch (LimitException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private void check() throws Exception {
      List<Object> acknowledged = new ArrayList<>();
      for (int key = 0; key < WRITERS; key++) {
        String last = null;
        for (int i = 0; i < WRITES; i++) {
          try {
            join(answers.get(key).get(i));
            last = key + ":" + i + ":" + "v".repeat(i % 300);
            acknowledged.add(last);
          } catch (LimitException refused) {
            refusals++;
          }
        }
        keyspace.flush();
        assertEquals(last, values.select(key));
        assertEquals(last, keyspace.get(key));
      }
      for (int key = 0; key < WRITERS; key++) {
        String prefix = key + ":";
        assertEquals(of(prefix, acknowledged), of(prefix, told));
      }
      assertEquals(0, log.waiting());
      assertEquals(0, Objects.requireNonNull(cache.engine().space(keyspace.name())).room().taken());
    }

    private List<Object> of(String prefix, List<Object> all) {
      return all.stream().filter(each -> each.toString().startsWith(prefix)).toList();
    }
  }
}
