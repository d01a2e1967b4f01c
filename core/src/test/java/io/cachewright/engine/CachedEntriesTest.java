// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachewright.Cachewright;
import io.cachewright.Clients;
import io.cachewright.HandClock;
import io.cachewright.Keyspace;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CachedEntriesTest {
  private static final int SIZE = 1_000;
  private static final long SEED = Long.getLong("cachewright.seed", System.nanoTime());

  private final Cachewright cache = Cachewright.builder().open();
  private final Keyspace<Integer, String> keyspace =
      cache.keyspace("small", Integer.class, String.class).maximumSize(SIZE).open();

  @AfterEach
  void close() {
    cache.close();
  }

  private void put(int from, int to) {
    for (int key = from; key < to; key++) {
      keyspace.put(key, "v");
    }
  }

  private int present(int from, int to) {
    int present = 0;
    for (int key = from; key < to; key++) {
      present += keyspace.peek(key) == null ? 0 : 1;
    }
    return present;
  }

  /** An entry that only the map has would be above the bound forever. */
  @Test
  void t5_whateverHappensToAnEntryItCanLeave() throws Exception {
    try (Clients clients = new Clients()) {
      List<Future<Boolean>> all = clients.start(4, () -> storm(new Random(SEED)));
      for (Future<Boolean> each : all) {
        assertThat(Clients.end(each)).isTrue();
      }
    }
    put(1_000_000, 1_000_000 + 20 * SIZE);
    assertThat(keyspace.size()).as("seed %d", SEED).isBetween(SIZE / 2L, SIZE + 1L);

    keyspace.evictAll();
    assertThat(keyspace.size()).isZero();
  }

  private boolean storm(Random random) {
    for (int i = 0; i < 100_000; i++) {
      int key = random.nextInt(3 * SIZE);
      switch (random.nextInt(8)) {
        case 0 -> keyspace.put(key, "v");
        case 1 -> keyspace.put(key, "v", Duration.ofNanos(1 + random.nextInt(100_000)));
        case 2 -> keyspace.remove(key);
        case 3 -> keyspace.evict(key);
        case 4 -> keyspace.expire(key, Duration.ofNanos(1 + random.nextInt(100_000)));
        default -> keyspace.get(key);
      }
    }
    return true;
  }

  @Test
  void t5_whatExpiredAndWasReadTakesNoRoom() {
    HandClock clock = new HandClock();
    try (Cachewright other = Cachewright.builder().clock(clock).open()) {
      Keyspace<Integer, String> notTimed =
          other.keyspace("not timed", Integer.class, String.class).maximumSize(SIZE).open();
      for (int key = 0; key < SIZE; key++) {
        notTimed.put(key, "v", Duration.ofMinutes(1));
      }
      clock.pass(Duration.ofMinutes(2));
      for (int key = 0; key < SIZE; key++) {
        assertThat(notTimed.get(key)).isNull();
      }
      for (int key = 0; key < SIZE; key++) {
        notTimed.put(-1 - key, "v");
      }
      assertThat(notTimed.size()).isEqualTo(SIZE);
      assertThat(notTimed.stats().evictions()).isZero();
    }
  }

  /** A reader may remove an entry that has expired while another is put in its place. */
  @Test
  void t5_whatIsPutIsThereThoughWhatWasThereLeaves() throws Exception {
    try (Clients clients = new Clients()) {
      AtomicBoolean ended = new AtomicBoolean();
      Future<Boolean> reader =
          clients.start(
              () -> {
                while (!ended.get()) {
                  keyspace.get(1);
                }
                return true;
              });
      for (int i = 0; i < 200_000; i++) {
        keyspace.put(1, "soon gone", Duration.ofNanos(1));
        keyspace.put(1, "stays");
        assertThat(keyspace.peek(1)).isEqualTo("stays");
      }
      ended.set(true);
      assertThat(Clients.end(reader)).isTrue();
    }
  }

  @Test
  void t6_whatIsReadOftenStaysAndWhatIsNotLeaves() {
    int half = SIZE / 2;
    put(0, SIZE - 1); // read: the first half
    for (int round = 0; round < 10; round++) {
      for (int key = 0; key < half; key++) {
        assertThat(keyspace.get(key)).isNotNull();
        if (key % 8 == 0) {
          keyspace.remove(-1);
          keyspace.put(-1, "a writer does the upkeep that readers have asked for");
        }
      }
    }
    for (int round = 0; round < 3; round++) { // wanted, but less than what is read
      put(10_000, 10_000 + half);
    }
    assertThat(present(0, half)).isGreaterThan(half * 9 / 10);
    assertThat(present(half, SIZE)).isLessThan(half / 2);
  }

  /** Until then nothing is told of reads: they must be from then on. */
  @Test
  void t6_readsAreToldFromTheMomentInWhichHalfIsTaken() {
    put(0, SIZE / 2 - 10);
    for (int replaced = 0; replaced < 100; replaced++) {
      put(0, 10); // weighs nothing more
    }
    for (int key = 0; key < SIZE / 2 - 10; key++) {
      assertThat(keyspace.get(key)).isNotNull();
    }
    assertThat(entries().tellsUses()).isFalse();
    put(SIZE / 2 - 10, SIZE / 2 + 1);
    assertThat(entries().tellsUses()).isTrue();
  }

  @Test
  void t6_readsHaveWhatExpiredReclaimedThoughNobodyWrites() {
    HandClock clock = new HandClock();
    try (Cachewright other = Cachewright.builder().clock(clock).open()) {
      Keyspace<Integer, String> expiring = expiring(other);
      for (int key = 0; key < 100; key++) {
        expiring.put(key, "v");
      }
      expiring.put(-1, "stays", Duration.ofHours(1));
      clock.pass(Duration.ofMinutes(2));
      await()
          .until(
              () -> {
                for (int i = 0; i < 100; i++) {
                  expiring.get(-1);
                }
                return expiring.size() == 1;
              });
    }
  }

  @Test
  void t6_whatIsReplacedOftenStaysAndWhatIsNotLeaves() {
    int half = SIZE / 2;
    put(0, SIZE - 1); // replaced: the first half
    for (int round = 0; round < 10; round++) {
      for (int key = 0; key < half; key++) {
        keyspace.put(key, "w");
        if (key % 8 == 0) {
          entries().settle(); // as upkeep does once in a while
        }
      }
    }
    for (int round = 0; round < 3; round++) {
      put(10_000, 10_000 + half);
    }
    assertThat(present(0, half)).isGreaterThan(half * 9 / 10);
    assertThat(present(half, SIZE)).isLessThan(half / 2);
  }

  @Test
  void t7_whatTookATicketOverLeavesAsOthersDo() {
    put(0, SIZE / 4);
    put(0, SIZE / 4); // the policy is not told of these
    put(1_000_000, 1_000_000 + 20 * SIZE);
    assertThat(keyspace.size()).isBetween(SIZE / 2L, SIZE + 1L);
    assertThat(present(0, SIZE / 4)).isLessThan(SIZE / 8);
  }

  @Test
  void t7_aValueThatWasReplacedIsNotKept() {
    List<WeakReference<String>> replaced = new ArrayList<>();
    for (int version = 0; version < 10; version++) {
      String value = "version " + version;
      replaced.add(new WeakReference<>(value));
      keyspace.put(1, value);
    }
    keyspace.put(1, "the last");
    await()
        .until(
            () -> {
              System.gc();
              return replaced.stream().allMatch(each -> each.get() == null);
            });
  }

  @Test
  void t2_aValueThatTakesThePlaceOfASmallerOneWeighsWhatItWeighs() {
    Keyspace<Integer, String> bytes =
        cache.keyspace("bytes", Integer.class, String.class).maximumBytes(1 << 20).open();
    for (int key = 0; key < 1_000; key++) {
      bytes.put(key, "v");
    }
    assertThat(bytes.size()).isEqualTo(1_000);
    for (int key = 0; key < 1_000; key++) {
      bytes.put(key, "v".repeat(10_000));
    }
    assertThat(bytes.size()).isLessThan(120);
  }

  @Test
  void t7_anEntryEndsWhenItSaysWhateverTheOneBeforeSaid() {
    HandClock clock = new HandClock();
    try (Cachewright other = Cachewright.builder().clock(clock).open()) {
      Keyspace<Integer, String> expiring = expiring(other);
      Space<Integer, String> space = space(expiring);
      for (boolean expires : new boolean[] {false, true}) {
        long soon = clock.nanos() + 1;
        for (int key = 0; key < 100; key++) {
          space.set(key, "before", expires ? Entry.NEVER : soon);
          space.set(key, "before", expires ? Entry.NEVER : soon);
          space.set(key, "after", expires ? soon : Entry.NEVER);
        }
        clock.pass(Duration.ofMinutes(2));
        space.table().settle();
        assertThat(expiring.size()).isEqualTo(expires ? 0 : 100);
      }
    }
  }

  /** As a stranger could choose them, who wants every read to take long. */
  @Test
  void m5_keysOfOneHashLeaveRoomForOthers() {
    Keyspace<String, String> strings =
        cache.keyspace("strings", String.class, String.class).maximumSize(SIZE).open();
    for (int number = 0; number < 1_024; number++) {
      strings.put(ofOneHash(number), "v");
    }
    assertThat(strings.size()).isEqualTo(EntryMap.CHAIN_MAX);
    assertThat(strings.stats().evictions()).isEqualTo(1_024 - EntryMap.CHAIN_MAX);
    for (int key = 0; key < SIZE / 2; key++) {
      strings.put("other " + key, "v");
    }
    assertThat(strings.size()).isEqualTo(EntryMap.CHAIN_MAX + SIZE / 2);
    assertThat(strings.peek(ofOneHash(1_023))).isEqualTo("v");
  }

  private static String ofOneHash(int number) {
    StringBuilder key = new StringBuilder();
    for (int bit = 0; bit < 10; bit++) {
      key.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return key.toString();
  }

  private static Keyspace<Integer, String> expiring(Cachewright cache) {
    return cache
        .keyspace("expiring", Integer.class, String.class)
        .expireAfterWrite(Duration.ofMinutes(1))
        .open();
  }

  private CachedEntries<?, ?> entries() {
    return (CachedEntries<?, ?>) space(keyspace).table();
  }

  @SuppressWarnings("unchecked") // what is no row is kept as it is
  private static Space<Integer, String> space(Keyspace<Integer, String> keyspace) {
    return (Space<Integer, String>) ((KeyspaceView<?, ?, ?, ?>) keyspace).space();
  }
}
