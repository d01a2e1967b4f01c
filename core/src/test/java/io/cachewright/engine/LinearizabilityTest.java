// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.Clients;
import io.cachewright.Keyspace;
import io.cachewright.MemoryDatabase;
import io.cachewright.WriteBehindOptions;
import io.cachewright.engine.History.Call;
import io.cachewright.engine.History.Effect;
import io.cachewright.journal.Durability;
import io.cachewright.store.Codec;
import io.cachewright.store.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * P3 and P5 under concurrency: threads get, put, update, create, remove and evict a few keys at
 * once, and every key's history must be linearizable. Over a store the cache has less room than
 * there are keys, so that evictions and loads are in play all the time; they must be invisible.
 *
 * <p>A failure prints the history and the seed. The interleaving is the machine's, so a seed
 * repeats the calls and not their timing.
 */
class LinearizabilityTest {
  private static final int THREADS = 3;
  private static final int KEYS = 2;
  private static final int CALLS = 6;
  private static final int ROUNDS = Integer.getInteger("cachewright.rounds", 10_000);

  private final long seed = System.nanoTime();

  @Test
  void p3_lookAsideIsLinearizable() throws Exception {
    try (Cachewright cache = Cachewright.builder().open()) {
      check(cache.keyspace("n", Integer.class, Integer.class).open(), Calls.EXACT);
    }
  }

  @Test
  void p3_p5_writeThroughIsLinearizableWhileEntriesComeAndGo() throws Exception {
    try (Cachewright cache = Cachewright.builder().open()) {
      check(
          cache
              .keyspace("n", Integer.class, Integer.class)
              .writeThrough()
              .store(new MemoryDatabase().<Integer>table())
              .maximumSize(1)
              .open(),
          Calls.EXACT_WITH_EVICTIONS);
    }
  }

  /** Flushes all the time, of which each may come between any two steps of a load. */
  @Test
  void p3_p5_writeBehindIsLinearizableWhileEntriesComeAndGoAndAreFlushed(@TempDir Path directory)
      throws Exception {
    Codec<Integer> codec = Objects.requireNonNull(Codec.of(Integer.class));
    try (Cachewright cache =
        Cachewright.builder().directory(directory).durability(Durability.OS).open()) {
      check(
          cache
              .keyspace("n", Integer.class, Integer.class)
              .store(new MemoryDatabase().table(ValueType.opaque(codec)))
              .writeBehind(WriteBehindOptions.DEFAULT.withMaxDelay(Duration.ofNanos(1)))
              .maximumSize(1)
              .negativeTimeToLive(Duration.ofNanos(1))
              .open(),
          Calls.WRITE_BEHIND);
    }
  }

  @Test
  void p3_recordIsLinearizable(@TempDir Path directory) throws Exception {
    Codec<Integer> codec = Objects.requireNonNull(Codec.of(Integer.class));
    try (Cachewright cache =
        Cachewright.builder().directory(directory).durability(Durability.OS).open()) {
      check(
          cache
              .keyspace("n", Integer.class, Integer.class)
              .values(ValueType.opaque(codec))
              .record()
              .open(),
          Calls.EXACT);
    }
  }

  /** Which calls there are, and what they tell. */
  private enum Calls {
    EXACT,
    EXACT_WITH_EVICTIONS,
    /** A remove does not ask the store whether there was something. */
    WRITE_BEHIND
  }

  @Test
  void theCheckFindsAReadOfAnOldValueAndALostUpdate() {
    History stale = new History();
    stale.add(new Call("put 1", value -> new Effect(1, null), null, 0, 1));
    stale.add(new Call("put 2", value -> new Effect(2, null), null, 2, 3));
    stale.add(new Call("get", value -> new Effect(value, value), 1, 4, 5));
    assertThat(stale.isLinearizable(null)).isFalse();
    History lost = new History();
    for (int i = 0; i < 2; i++) {
      lost.add(new Call("add", value -> new Effect(value + 1, value + 1), 1, 0, 10));
    }
    assertThat(lost.isLinearizable(0)).isFalse();
    History overlapping = new History();
    overlapping.add(new Call("put 1", value -> new Effect(1, null), null, 0, 9));
    overlapping.add(new Call("get", value -> new Effect(value, value), null, 2, 3));
    overlapping.add(new Call("get", value -> new Effect(value, value), 1, 4, 5));
    assertThat(overlapping.isLinearizable(null)).isTrue();
  }

  private void check(Keyspace<Integer, Integer> keyspace, Calls calls) throws Exception {
    List<List<List<Call>>> made = new ArrayList<>(); // by thread, by key
    AtomicLong round = new AtomicLong();
    CyclicBarrier begin = new CyclicBarrier(THREADS);
    CyclicBarrier end = new CyclicBarrier(THREADS, () -> judge(made, round.getAndIncrement()));
    try (Clients clients = new Clients()) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        List<List<Call>> own = new ArrayList<>();
        for (int key = 0; key < KEYS; key++) {
          own.add(new ArrayList<>());
        }
        made.add(own);
        Random random = new Random(seed + thread);
        all.add(
            clients.start(
                () -> {
                  for (int i = 0; i < ROUNDS; i++) {
                    begin.await(30, TimeUnit.SECONDS);
                    callSome(keyspace, i * KEYS, own, calls, random);
                    end.await(30, TimeUnit.SECONDS);
                  }
                  return 0;
                }));
      }
      for (Future<Integer> one : all) {
        one.get(120, TimeUnit.SECONDS);
      }
    }
    assertThat(round.get()).isEqualTo(ROUNDS);
  }

  /** The histories of a round, one per key: linearizability of each is that of the whole. */
  private void judge(List<List<List<Call>>> made, long round) {
    for (int key = 0; key < KEYS; key++) {
      History history = new History();
      for (List<List<Call>> own : made) {
        own.get(key).forEach(history::add);
        own.get(key).clear();
      }
      assertThat(history.isLinearizable(null))
          .as("seed %d, round %d, key %d:%s", seed, round, key, history)
          .isTrue();
    }
  }

  private static void callSome(
      Keyspace<Integer, Integer> keyspace,
      int base,
      List<List<Call>> own,
      Calls calls,
      Random random)
      throws Exception {
    for (int i = 0; i < CALLS; i++) {
      int key = random.nextInt(KEYS);
      own.get(key).add(one(keyspace, base + key, calls, random));
    }
  }

  private static Call one(Keyspace<Integer, Integer> keyspace, int key, Calls calls, Random random)
      throws Exception {
    int kind = random.nextInt(calls == Calls.EXACT ? 7 : 8);
    int number = random.nextInt(100);
    return switch (kind) {
      case 0, 1 -> call("get", value -> new Effect(value, value), () -> keyspace.get(key));
      case 2 ->
          call(
              "put " + number,
              value -> new Effect(number, null),
              () -> {
                keyspace.put(key, number);
                return null;
              });
      case 3 ->
          call(
              "compute +" + number,
              value -> same(value == null ? number : value + number),
              () -> keyspace.compute(key, value -> value == null ? number : value + number));
      case 4 ->
          call(
              "update +" + number,
              value -> same(value == null ? null : value + number),
              () -> keyspace.update(key, value -> value + number));
      case 5 ->
          call(
              "computeIfAbsent " + number,
              value -> same(value == null ? number : value),
              () -> keyspace.computeIfAbsent(key, absent -> number));
      case 6 ->
          calls == Calls.WRITE_BEHIND
              ? call("remove", value -> new Effect(null, null), () -> removed(keyspace, key))
              : call(
                  "remove", value -> new Effect(null, value != null), () -> keyspace.remove(key));
      default ->
          call(
              "evict",
              value -> new Effect(value, null),
              () -> {
                keyspace.evict(key);
                return null;
              });
    };
  }

  private static @Nullable Object removed(Keyspace<Integer, Integer> keyspace, int key) {
    keyspace.remove(key);
    return null;
  }

  private static Effect same(@Nullable Integer value) {
    return new Effect(value, value);
  }

  private static Call call(
      String what, Function<@Nullable Integer, Effect> model, Callable<@Nullable Object> work)
      throws Exception {
    long begin = System.nanoTime();
    Object result = work.call();
    return new Call(what, model, result, begin, System.nanoTime());
  }
}
