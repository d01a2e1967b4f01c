// SPDX-License-Identifier: Apache-2.0
package io.cachewright.engine;

import io.cachewright.ConfigurationException;
import io.cachewright.store.Written;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One lock orders all writes; reads take none.
 *
 * <pre>
 *   write ─► write lock [ sequence, watches, table or queue ] ─► wait for the store, unlocked
 *   read  ─► table ─ hit ─► answer
 *              └─ miss ─► load ─► write lock [ fill if nothing overtook it ] ─► answer
 * </pre>
 *
 * <p>E1: every change gets its sequence under the lock, and the order of sequences is the order in
 * which the table and the stores see the changes of a key. E2: a transaction's changes become
 * visible under one hold of the lock. E3: no call to a store, and no code of an application, runs
 * under it.
 */
public final class Engine implements AutoCloseable {
  /** How long what has begun is waited for when it is closed. */
  static final Duration CLOSE_MAX = Duration.ofSeconds(10);

  private final ReentrantLock writeLock = new ReentrantLock();
  private final ConcurrentHashMap<String, Space<?, ?>> spaces = new ConcurrentHashMap<>();
  private final IdentityHashMap<Object, WriteThrough> committers = new IdentityHashMap<>();
  private final ExecutorService executor;
  private final Upkeep upkeep;
  private final Clock clock;
  private final MeterRegistry registry;
  private final Meters meters;

  private @Nullable Log log;
  private Duration drain = Duration.ZERO;

  public Engine(Clock clock, MeterRegistry registry) {
    this.clock = clock;
    this.registry = registry;
    this.meters = new Meters(registry);
    AtomicInteger number = new AtomicInteger();
    this.executor =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "cachewright-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    this.upkeep = new Upkeep(executor);
  }

  /** Runs what must not be parted by a write: short, and without waiting for anything. */
  public <T extends @Nullable Object> T locked(Supplier<T> work) {
    writeLock.lock();
    try {
      return work.get();
    } finally {
      writeLock.unlock();
    }
  }

  /** As {@link #locked}, of what answers nothing. */
  public void runLocked(Runnable work) {
    writeLock.lock();
    try {
      work.run();
    } finally {
      writeLock.unlock();
    }
  }

  /** Takes the write lock. It can be taken again by a thread that has it. */
  public void lock() {
    writeLock.lock();
  }

  public void unlock() {
    writeLock.unlock();
  }

  boolean isLockedByMe() {
    return writeLock.isHeldByCurrentThread();
  }

  public Clock clock() {
    return clock;
  }

  /** Where spaces are shown. */
  MeterRegistry registry() {
    return registry;
  }

  Upkeep upkeep() {
    return upkeep;
  }

  ExecutorService executor() {
    return executor;
  }

  /**
   * Runs what takes long, or waits, on a thread of the engine's: the common pool is the
   * application's, and may have but one.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the engine is closed
   */
  public void execute(Runnable work) {
    executor.execute(work);
  }

  /**
   * Begins to log: write-behind keyspaces can be opened from now on. Once, and before those.
   *
   * @param atClose how long {@link #close} flushes what waits
   */
  public void openLog(Log.Place place, Duration atClose) {
    Log opened = Log.open(this, place);
    LogMetrics.add(opened, meters);
    log = opened;
    drain = atClose;
  }

  /** Null if nothing is logged. */
  public @Nullable Log log() {
    return log;
  }

  /** There may be room for a write that waits for it. Waits for nothing, under any lock or none. */
  void roomGiven() {
    if (log != null) {
      log.roomGiven();
    }
  }

  Log requireLog(String keyspace) {
    if (log == null) {
      throw new ConfigurationException(
          "keyspace "
              + keyspace
              + " needs a journal, and there is no directory for it:"
              + " Cachewright.builder().directory(...)");
    }
    return log;
  }

  /**
   * Opens a space. If it is logged, its store is asked.
   *
   * @throws ConfigurationException if another space has its name or its store
   */
  public <K, V> Space<K, V> open(SpaceSpec<K, V> spec) {
    checkFree(spec);
    if (!spec.pattern().isLogged()) {
      if (log != null && spec.store() != null) {
        log.checkNothingWaits(spec, spec.store());
      }
      return publish(new Space<>(this, spec, /* behind= */ null), spec, unlogged -> {});
    }
    synchronized (this) { // of two of one name the second must not take the first's changes
      checkFree(spec);
      Log its = requireLog(spec.name());
      WriteBehind behind = spec.pattern().isRecord() ? null : its.behind(spec);
      return publish(new Space<>(this, spec, behind), spec, its::replay);
    }
  }

  private <K, V> Space<K, V> publish(
      Space<K, V> space, SpaceSpec<K, V> spec, Consumer<Space<K, V>> fill) {
    boolean published = false;
    try {
      fill.accept(space);
      synchronized (spaces) {
        checkFree(spec);
        spaces.put(spec.name(), space);
      }
      published = true;
      return space;
    } finally {
      if (!published) {
        space.metrics().close();
      }
    }
  }

  private void checkFree(SpaceSpec<?, ?> spec) {
    if (spaces.containsKey(spec.name())) {
      throw new ConfigurationException("there is a keyspace " + spec.name() + " already");
    }
    for (Space<?, ?> other : spaces.values()) {
      if (spec.store() != null && spec.store().equals(other.store())) {
        throw new ConfigurationException(
            "keyspaces "
                + other.name()
                + " and "
                + spec.name()
                + " have the same store behind them, "
                + spec.store()
                + ", and would not see each other's writes (P3): use one of them for both");
      }
    }
  }

  public @Nullable Space<?, ?> space(String name) {
    return spaces.get(name);
  }

  public Collection<Space<?, ?>> spaces() {
    return spaces.values();
  }

  /** The committer of the space's group of stores. One per group, so that T2 holds. */
  WriteThrough committer(Space<?, ?> space) {
    var store = Objects.requireNonNull(space.store());
    var group = store.group();
    return locked(
        () ->
            group == null
                ? new WriteThrough(this, new LoneStore<>(store), /* transactions= */ false, space)
                : committers.computeIfAbsent(
                    group,
                    absent -> new WriteThrough(this, group, /* transactions= */ true, space)));
  }

  /**
   * Makes these changes, all or none, unless a watch was overtaken.
   *
   * @param mayRun whether the caller will wait for the answer anyway: then it may do the work
   *     itself
   * @return a {@link Written} per write; null if a watched key was written since its watch was
   *     opened, or is about to be: then nothing was done, and {@link #whenQuiet} tells when to look
   *     again
   */
  public CompletableFuture<@Nullable List<Written<?>>> commit(
      List<? extends Write<?, ?>> writes, Collection<Watch> watches, boolean mayRun) {
    return commit(writes, watches, () -> {}, mayRun);
  }

  /**
   * As {@link #commit(List, Collection, boolean)}.
   *
   * @param alongside runs under the same hold of the write lock in which the changes become
   *     visible, after them; not at all if they are not made. Short, without waiting, and must not
   *     throw
   */
  public CompletableFuture<@Nullable List<Written<?>>> commit(
      List<? extends Write<?, ?>> writes,
      Collection<Watch> watches,
      Runnable alongside,
      boolean mayRun) {
    Route route = Route.of(writes);
    if (route.inserts()) {
      return new Inserts(this, writes, watches, alongside).commit(mayRun);
    } else if (route.logged() != null) {
      return route.logged().commit(writes, watches, alongside, mayRun);
    }
    WriteThrough committer = route.committer();
    if (committer != null) {
      committer.reserve(mayRun);
    }
    CompletableFuture<List<Written<?>>> answer = null;
    List<Written<?>> results = new ArrayList<>(committer == null ? writes.size() : 0);
    writeLock.lock();
    try {
      if (isOvertaken(watches)) {
        return CompletableFuture.completedFuture(null);
      }
      Rehearsal.of(writes);
      if (committer == null) {
        for (Write<?, ?> write : writes) {
          results.add(write.applyInMemory());
        }
        alongside.run();
      } else {
        answer = committer.add(List.copyOf(writes), alongside);
      }
    } finally {
      writeLock.unlock();
      if (committer != null && answer == null) {
        committer.release();
      }
    }
    if (committer == null || answer == null) {
      return CompletableFuture.completedFuture(results);
    }
    committer.start(mayRun);
    return answer.thenApply(written -> written);
  }

  /**
   * As {@link #commit} for those who have the write lock, of changes that are acknowledged by the
   * journal: when it has got to the sequence that is answered, nothing can take them back. {@link
   * Log#write} must follow, soon.
   *
   * @param results takes what became of each
   * @return below 0 if they are not such, or would have to wait: nothing was changed, and {@link
   *     #commit} makes them
   */
  public long commitNow(List<? extends Write<?, ?>> writes, Consumer<Written<?>> results) {
    Route route = Route.of(writes);
    return route.logged() == null || route.inserts()
        ? LogCommits.NOT_MADE
        : route.logged().commitNow(writes, results);
  }

  /** Under the write lock. */
  static boolean isOvertaken(Collection<Watch> watches) {
    for (Watch watch : watches) {
      if (watch.isOvertaken()) {
        return true;
      }
    }
    return false;
  }

  /** When no write of these keys waits for its store. Under no lock. */
  public CompletableFuture<?> whenQuiet(Collection<Watch> watches) {
    return locked(
        () ->
            CompletableFuture.allOf(
                watches.stream()
                    .map(watch -> watch.space().whenQuiet(watch.key()))
                    .toArray(CompletableFuture<?>[]::new)));
  }

  /** Flushes what waits, and lets flushes, loads and writes that have begun end, each for 10 s. */
  @Override
  public void close() {
    if (log != null) {
      log.close(drain);
    }
    upkeep.close();
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_MAX.toSeconds(), TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      executor.shutdownNow();
    }
    spaces.values().forEach(space -> space.metrics().close());
    meters.close();
  }
}
