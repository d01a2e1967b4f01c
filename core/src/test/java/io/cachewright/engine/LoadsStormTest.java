// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachewright.Cachewright;
import io.cachewright.MemoryDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Loads that begin and are overtaken while very many others do. */
class LoadsStormTest {
  private static final int ROUNDS = 1_000_000;
  private static final int PAIRS = 3;

  /** So many loads gather before they are run, of each thread. */
  private static final int GATHERED = 100;

  private final MemoryDatabase database = new MemoryDatabase();
  private final AtomicBoolean over = new AtomicBoolean();

  /** A concurrent map's count is not exact while it changes: nothing may hang on it (L2). */
  @Test
  void p3_aLoadIsOvertakenHoweverManyOthersComeAndGo() throws Exception {
    try (Cachewright cache = Cachewright.builder().open()) {
      var table = database.<String>table();
      var users =
          cache.keyspace("users", Integer.class, String.class).readThrough().store(table).open();
      @SuppressWarnings("unchecked") // its keys and values are those of the store
      Space<Integer, String> space = (Space<Integer, String>) cache.engine().space(users.name());
      Loads<Integer, String> loads = new Loads<>(space, table);
      List<Thread> storm = new ArrayList<>();
      for (int i = 1; i <= PAIRS; i++) {
        BlockingQueue<Integer> begun = new LinkedBlockingQueue<>(1_000);
        int base = i * 100_000_000;
        storm.add(new Thread(() -> begin(loads, begun, base)));
        storm.add(new Thread(() -> overtake(loads, begun)));
      }
      storm.forEach(Thread::start);
      int stayed = 0;
      for (int round = 0; round < ROUNDS; round++) {
        Loads.Load<Integer, String> load = loads.enqueue(round, /* mayWait= */ true);
        loads.overtake(round);
        stayed += loads.enqueue(round, /* mayWait= */ true) == load ? 1 : 0;
        loads.overtake(round);
        if (round % GATHERED == 0) {
          loads.start(/* callerRuns= */ true);
        }
      }
      over.set(true);
      for (Thread thread : storm) {
        thread.join();
      }
      assertThat(stayed).as("loads of %,d that could still fill", ROUNDS).isZero();
    }
  }

  /** Begins loads that another thread overtakes: each counts what the other does not. */
  private void begin(Loads<Integer, String> loads, BlockingQueue<Integer> begun, int base) {
    for (int key = base; !over.get(); key++) {
      var unused = loads.enqueue(key, /* mayWait= */ true);
      if (!begun.offer(key)) {
        loads.overtake(key);
      }
      if (key % GATHERED == 0) {
        loads.start(/* callerRuns= */ true);
      }
    }
  }

  private void overtake(Loads<Integer, String> loads, BlockingQueue<Integer> begun) {
    while (!over.get()) {
      Integer key = begun.poll();
      if (key != null) {
        loads.overtake(key);
      }
    }
  }
}
