// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.snapshot;

import io.cachewright.Cachewright;
import io.cachewright.Keyspace;
import io.cachewright.benchmarks.Report;
import io.cachewright.benchmarks.Samples;
import io.cachewright.benchmarks.Scratch;
import io.cachewright.engine.Log;
import io.cachewright.journal.Durability;
import io.cachewright.journal.FileDisk;
import io.cachewright.journal.JournalInspection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long a writer waits at worst while a snapshot is taken, and at worst without one.
 *
 * <pre>
 *   a round:  snapshot ────────────────► done      (none)
 *             put, put, put … until then           put, put, put … for as long
 * </pre>
 *
 * <p>What pauses the one as much as the other is the collector or the machine, not the snapshot.
 */
@Command(
    name = "snapshot",
    description = "The longest pause of a writer while a snapshot of record keys is taken.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class SnapshotCommand implements Callable<Integer> {
  private static final int KEY_CHARS = 16;
  private static final int VALUE_BYTES = 100;
  private static final int IN_FLIGHT = 1_000;
  private static final long BYTES_MAX = 16L << 30; // no bound that matters

  @Spec private CommandSpec spec;

  @Option(names = "--entries", description = "Record keys.")
  private int entries = 1_000_000;

  @Option(
      names = "--durability",
      description = "What an acknowledged put survives: ${COMPLETION-CANDIDATES}.")
  private Durability durability = Durability.OS;

  @Option(names = "--warm-ups", description = "Rounds that are run first and not counted.")
  private int warmUps = 2;

  @Option(names = "--rounds", description = "How often each is measured.")
  private int rounds = 5;

  private final SplittableRandom random = new SplittableRandom(17);
  private final ExecutorService beside = Executors.newSingleThreadExecutor();
  private final List<Turn> with = new ArrayList<>();
  private final List<Turn> without = new ArrayList<>();
  private final List<Double> seconds = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Path directory = Scratch.newDirectory();
    try {
      Report report = new Report("A snapshot beside a writer", "as each row says");
      JournalInspection.SnapshotFile last = measure(directory);
      add(report, "puts per second", Turn::perSecond);
      add(report, "longest put, us", Turn::longest);
      add(report, "99.9 % of puts within, us", Turn::within);
      describe(report, last);
      report.print(spec.commandLine().getOut());
      return 0;
    } finally {
      beside.shutdownNow();
      Scratch.delete(directory);
    }
  }

  /** Answers the last snapshot, as it is on disk. */
  private JournalInspection.SnapshotFile measure(Path directory) throws Exception {
    try (Cachewright cache =
        Cachewright.builder()
            .directory(directory)
            .durability(durability)
            .drain(Duration.ZERO)
            .open()) {
      Keyspace<String, byte[]> records =
          cache
              .keyspace("records", String.class, byte[].class)
              .maximumSize(2L * entries)
              .maximumBytes(BYTES_MAX)
              .record()
              .open();
      Log log = Objects.requireNonNull(cache.engine().log());
      fill(records);
      log.snapshot(); // the one that is due by now
      for (int round = -warmUps; round < rounds; round++) {
        round(log, records, round >= 0);
      }
    }
    List<JournalInspection.SnapshotFile> left =
        JournalInspection.of(new FileDisk(directory.resolve("journal"))).snapshots();
    JournalInspection.SnapshotFile last = left.get(left.size() - 1);
    if (last.count() != entries || !last.damage().isEmpty()) {
      throw new IllegalStateException("not a snapshot of " + entries + " entries: " + last);
    }
    return last;
  }

  private void fill(Keyspace<String, byte[]> records) throws InterruptedException {
    Semaphore free = new Semaphore(IN_FLIGHT);
    for (int i = 0; i < entries; i++) {
      free.acquire();
      var unused =
          records
              .async()
              .put(key(i), new byte[VALUE_BYTES])
              .whenComplete((done, error) -> free.release());
    }
    free.acquire(IN_FLIGHT);
    if (records.size() != entries) {
      throw new IllegalStateException(records.size() + " of " + entries + " entries are there");
    }
  }

  private static String key(int number) {
    String digits = Integer.toString(number);
    return "0".repeat(KEY_CHARS - digits.length()) + digits;
  }

  private void round(Log log, Keyspace<String, byte[]> records, boolean counts)
      throws ExecutionException, InterruptedException {
    Runnable put = () -> records.put(key(random.nextInt(entries)), new byte[VALUE_BYTES]);
    long begin = System.nanoTime();
    Future<Long> taken =
        beside.submit(
            () -> {
              log.snapshot();
              return System.nanoTime() - begin;
            });
    Turn meanwhile = Turn.until(taken::isDone, put);
    long nanos = taken.get();
    Instant last = log.snapshotStatus().last();
    long quiet = System.nanoTime();
    Turn alone = Turn.until(() -> System.nanoTime() - quiet >= nanos, put);
    if (!Objects.equals(last, log.snapshotStatus().last())) {
      throw new IllegalStateException("a snapshot was due while none was to be taken");
    }
    if (counts) {
      with.add(meanwhile);
      without.add(alone);
      seconds.add(nanos / 1e9);
    }
  }

  private void add(Report report, String what, ToDoubleFunction<Turn> figure) {
    report.add(
        what, samples(with, figure), "without", samples(without, figure), /* target= */ null);
  }

  private static Samples samples(List<Turn> turns, ToDoubleFunction<Turn> figure) {
    return new Samples(turns.stream().mapToDouble(figure).toArray());
  }

  private void describe(Report report, JournalInspection.SnapshotFile last) {
    double median =
        new Samples(seconds.stream().mapToDouble(Double::doubleValue).toArray()).median();
    report.note("ours:      while a snapshot is taken; without: for as long, and none is");
    report.note(
        "writer:    one thread that waits for each put, of one of %,d keys of %d bytes with %d"
            + " bytes; durability %s",
        entries, KEY_CHARS, VALUE_BYTES, durability.name().toLowerCase(Locale.ROOT));
    report.note(
        "snapshot:  %.2f s, %,d bytes, %,.0f entries/s, %,.0f MB/s",
        median, last.bytes(), entries / median, last.bytes() / median / 1e6);
    report.note(
        "longest:   %s us beside snapshots, %s us without, of each round",
        list(with, Turn::longest), list(without, Turn::longest));
    report.note(
        "collector: %s ms beside snapshots, %s ms without",
        list(with, Turn::collecting), list(without, Turn::collecting));
  }

  private static String list(List<Turn> turns, ToDoubleFunction<Turn> figure) {
    return turns.stream()
        .map(each -> String.format(Locale.ROOT, "%,.0f", figure.applyAsDouble(each)))
        .toList()
        .toString();
  }
}
