// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.cachewright.CacheException;
import io.cachewright.journal.Durability;
import io.cachewright.journal.JournalOptions;
import io.cachewright.journal.SimulatedDisk;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * A space that lives several times, over disks whose power fails at any operation of each life but
 * the last. Threads are real, so that a seed repeats the choices but not the interleaving.
 */
abstract class PowerCutHistory<V> {
  static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "power-cuts");
            thread.setDaemon(true);
            return thread;
          });

  final Random random;
  SimulatedDisk journal;
  SimulatedDisk parked;

  PowerCutHistory(long seed) {
    this.random = new Random(seed);
    this.journal = new SimulatedDisk(new Random(~seed));
    this.parked = new SimulatedDisk(new Random(seed * 31));
  }

  /** While a test of these runs nothing is logged: each power cut would be told. */
  static final class Quiet implements BeforeAllCallback, AfterAllCallback {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.cachewright");

    @Override
    public void beforeAll(ExtensionContext context) {
      LOG.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
      LOG.setLevel(null);
    }
  }

  /** What a seed has to stand. */
  interface Seeded {
    void run(long seed) throws Exception;
  }

  /** Runs so many seeds, from {@code -Dcachewright.seed} on. */
  static void everySeed(int seeds, Seeded test) {
    long from = Long.getLong("cachewright.seed", 1);
    for (long seed = from; seed < from + seeds; seed++) {
      try {
        test.run(seed);
      } catch (AssertionError | Exception e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  final void live(int lives) throws Exception {
    for (int life = 0; life < lives; life++) {
      int operations = random.nextInt(random.nextBoolean() ? 30 : 300);
      journal.cutPowerAfter(operations);
      parked.cutPowerAfter(operations);
      Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
      try {
        Space<Integer, V> space = opened(engine);
        check(space);
        work(engine, space);
      } catch (CacheException | CompletionException e) {
        assertTrue(isOff(), () -> "with power on: " + e);
      } finally {
        journal.cutPower();
        parked.cutPower();
        engine.close();
      }
      journal = journal.afterPowerCut();
      parked = parked.afterPowerCut();
    }
    Engine engine = new Engine(System::nanoTime, new SimpleMeterRegistry());
    try {
      lastLife();
      end(engine, opened(engine));
    } finally {
      engine.close();
    }
  }

  final boolean isOff() {
    return journal.isOff() || parked.isOff();
  }

  private Space<Integer, V> opened(Engine engine) {
    engine.openLog(
        new Log.Place(
            journal, parked, new JournalOptions(Durability.FSYNC, 64 << 10, 8 << 10, 64 << 10)),
        Duration.ZERO);
    return open(engine);
  }

  abstract Space<Integer, V> open(Engine engine);

  /** What must be so at the beginning of a life. */
  abstract void check(Space<Integer, V> space);

  /** Until the power fails, or all is done. */
  abstract void work(Engine engine, Space<Integer, V> space) throws Exception;

  /** The last life begins, in which nothing fails. */
  abstract void lastLife();

  abstract void end(Engine engine, Space<Integer, V> space);

  static void finish(List<Future<?>> all) throws InterruptedException {
    for (Future<?> each : all) {
      try {
        each.get();
      } catch (ExecutionException e) {
        throw new AssertionError(e.getCause());
      }
    }
  }

  /** Takes so many snapshots, or until the power fails. */
  static void snapshots(Log log, int times) {
    try {
      for (int i = 0; i < times; i++) {
        log.snapshot();
      }
    } catch (CacheException e) {
      return; // the power is off
    }
  }
}
