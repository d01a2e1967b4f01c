// SPDX-License-Identifier: Apache-2.0
package io.cachewright.benchmarks.crash;

import io.cachewright.app.demo.RespClient;
import io.cachewright.benchmarks.crash.Counters.Parked;
import io.cachewright.benchmarks.crash.CrashModel.Fault;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Kills a server under load, again and again, and looks whether what was acknowledged or seen is
 * there, once.
 *
 * <pre>
 *   start ─► every row is as it was ─► writers ─► SIGKILL at a random moment ─► start ...
 *     └─ or SIGKILL before that, while it recovers
 *   meanwhile: the database is watched, and killed now and then; another program adds to its rows
 *   at the end: what is parked is mended, a clean stop, and the database equals the model
 * </pre>
 */
@Command(
    name = "crash",
    description =
        "Kills a server of write-behind rows and record keys, and its database, and looks for what"
            + " was lost.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class CrashCommand implements Callable<Integer> {
  private static final int LIFE_MILLIS_MAX = 2_500;
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  @Spec private CommandSpec spec;

  @Option(names = "--kills", description = "How often the server is killed.")
  private int kills = 20;

  @Option(
      names = "--seconds",
      description = "Goes on for so long, to the end of a round, whatever --kills says. 0: not.")
  private int seconds = 0;

  @Option(names = "--writers", description = "Clients at once.")
  private int writers = 16;

  @Option(names = "--database-kills", description = "One in how many kills takes the database.")
  private int databaseEvery = 6;

  @Option(names = "--seed", description = "Of the random moments.")
  private long seed = System.nanoTime();

  private final ExecutorService threads = Executors.newCachedThreadPool(CrashCommand::daemon);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(CrashCommand::daemon);
  private final AtomicLong looks = new AtomicLong();
  private int killed;
  private int whileStarting;
  private int databaseKills;
  private volatile boolean over;

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "crash");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    out.println("seed " + seed);
    Random random = new Random(seed);
    Path directory = Files.createTempDirectory("cachewright-crash");
    CrashModel model = new CrashModel(writers);
    try (MortalPostgres postgres = new MortalPostgres(directory.resolve("postgres"))) {
      Future<@Nullable Void> watcher = threads.submit(() -> watch(postgres, model));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      for (int kill = 1; seconds > 0 ? System.nanoTime() < end : kill <= kills; kill++) {
        killed = kill;
        boolean takesDatabase = random.nextInt(databaseEvery) == 0;
        live(postgres, directory, model, random, takesDatabase);
        out.printf(
            "kill %d: %,d writes acknowledged, %,d unknown, %,d looks at the database%n",
            kill, model.acknowledged(), model.unknown(), looks.get());
        out.flush();
        if (watcher.isDone()) {
          watcher.get();
        }
      }
      end(postgres, directory, model);
      over = true;
      watcher.get();
    }
    Counters counters = model.counters();
    out.printf(
        "%d kills (%d before it had started), %d of the database with it: %,d acknowledged writes"
            + " are in the database, or in the record keys, each once; %,d more had no answer; in"
            + " %,d looks it showed no state that the cache had not had. %,d changes were refused;"
            + " what was parked was mended %,d times and discarded %,d times; %,d snapshots were"
            + " begun%n",
        killed,
        whileStarting,
        databaseKills,
        model.acknowledged(),
        model.unknown(),
        looks.get(),
        counters.refused.get(),
        counters.retried.get(),
        counters.discarded.get(),
        model.kept().snapshots());
    return 0;
  }

  /** P2, all the while; and the program beside. */
  private @Nullable Void watch(MortalPostgres postgres, CrashModel model) throws Fault {
    Random random = new Random(seed);
    while (!over) {
      try (Connection connection = postgres.connection()) {
        while (!over) {
          CrashModel.checkSums(connection);
          Counters.addBeside(connection, random.nextInt(model.counters().size()));
          looks.incrementAndGet();
          LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
      } catch (SQLException e) {
        Thread.onSpinWait(); // it was killed
      }
    }
    return null;
  }

  private void live(
      MortalPostgres postgres,
      Path directory,
      CrashModel model,
      Random random,
      boolean takesDatabase)
      throws Exception {
    Process process = start(postgres, directory);
    boolean early = random.nextInt(4) == 0;
    int millis = random.nextInt(LIFE_MILLIS_MAX);
    if (early) {
      killAfter(millis, process);
    }
    String port = reader(process).readLine();
    if (port == null) {
      whileStarting++;
    } else {
      List<Future<@Nullable Void>> all = new ArrayList<>();
      if (!early) {
        killAfter(millis, process);
      }
      settle(model, Integer.parseInt(port));
      all.add(threads.submit(() -> check(model, Integer.parseInt(port))));
      for (int writer = 0; writer < writers; writer++) {
        all.add(
            threads.submit(new Writer(model, writer, Integer.parseInt(port), random.nextLong())));
      }
      if (takesDatabase) {
        databaseKills++;
        postgres.kill();
        postgres.startAgain();
      }
      for (Future<@Nullable Void> each : all) {
        await(each);
      }
    }
    process.waitFor();
  }

  private void killAfter(int millis, Process process) {
    var unused = timer.schedule(process::destroyForcibly, millis, TimeUnit.MILLISECONDS);
  }

  private static void await(Future<@Nullable Void> each) throws Exception {
    try {
      each.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Fault fault ? fault : e;
    }
  }

  /** What has been added to is as it was. Before anybody writes. */
  private static void settle(CrashModel model, int port) throws Fault {
    try (RespClient client = new RespClient("127.0.0.1", port)) {
      model.counters().settle(client);
    } catch (IOException e) {
      return; // killed before it was through: then nobody will write
    }
  }

  /** Every row is as it was. */
  private static @Nullable Void check(CrashModel model, int port) throws Fault {
    try (RespClient client = new RespClient("127.0.0.1", port)) {
      for (int id = 0; id < model.notes(); id++) {
        Writer.readNote(client, model, id);
      }
      for (int pair = 0; pair < model.writers(); pair++) {
        Writer.readPair(client, model, pair);
      }
    } catch (IOException e) {
      return null; // killed before it was through, or the database is away
    }
    return null;
  }

  /** Lives to flush everything. */
  private void end(MortalPostgres postgres, Path directory, CrashModel model) throws Exception {
    Process process = start(postgres, directory);
    BufferedReader out = reader(process);
    int port = Integer.parseInt(String.valueOf(out.readLine()).trim());
    check(model, port);
    checkKept(model, port);
    mendAll(postgres, model.counters(), port);
    stop(process);
    Process again = start(postgres, directory);
    checkKept(model, Integer.parseInt(String.valueOf(reader(again).readLine()).trim()));
    stop(again);
    try (Connection connection = postgres.connection()) {
      model.checkDatabase(connection);
      model.counters().checkDatabase(connection, List.of());
    }
  }

  private static void checkKept(CrashModel model, int port) throws IOException, Fault {
    try (RespClient client = new RespClient("127.0.0.1", port)) {
      for (int writer = 0; writer < model.writers(); writer++) {
        model.kept().check(client, writer);
      }
    }
  }

  private static void stop(Process process) throws IOException, InterruptedException {
    try (BufferedWriter in = process.outputWriter(StandardCharsets.UTF_8)) {
      in.write("quit\n");
      in.flush();
      if (process.waitFor() != 0) {
        throw new IOException("the server did not stop as it should");
      }
    }
  }

  private static void mendAll(MortalPostgres postgres, Counters counters, int port)
      throws Exception {
    try (RespClient client = new RespClient("127.0.0.1", port);
        Connection connection = postgres.connection()) {
      counters.settle(client);
      client.call("CW.FLUSH");
      List<Parked> parked = Counters.parked(client);
      counters.checkDatabase(connection, parked);
      for (Parked each : parked) {
        OwnCounter.retry(client, each, counters);
      }
    }
  }

  private static Process start(MortalPostgres postgres, Path directory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "-Dlogback.configurationFile=benchmarks-logback.xml",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            postgres.url(),
            directory.resolve("data").toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }
}
