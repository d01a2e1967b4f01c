// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.demo;

import io.cachewright.KeyspaceStats;
import io.cachewright.app.Console;
import io.cachewright.app.Failure;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.ConfigurationReader;
import io.cachewright.app.config.Setting;
import io.cachewright.app.serve.Serving;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration, from the top: make the shop, let each contender run under the same load, print
 * the table and what to see in it.
 *
 * <p>A contender begins with a cold cache on a server of its own, so that none profits from what
 * another has loaded.
 */
public final class Demo implements AutoCloseable {
  /** How much of its time a contender runs before it is measured: to fill cache and JIT. */
  private static final double WARM_UP = 0.5;

  private static final String HOST = "127.0.0.1";

  private final Console console;
  private final PrintStream out;
  private final Options options;
  private final DemoDatabase database;
  private final Progress progress;
  private final Scratch scratch;
  private final Crash crash;
  private final Load load = new Load();
  private @Nullable Serving stays;

  /**
   * What the demonstration was told.
   *
   * @param seconds of each contender
   * @param roundTrip that the database is given to be as far away as others are
   * @param data where journals are kept meanwhile; null for where temporary files are
   * @param login user and password of the database
   */
  public record Options(
      double seconds, Duration roundTrip, @Nullable Path data, Map<Setting<?>, String> login) {}

  Demo(Console console, Options options, DemoDatabase database) {
    this.console = console;
    this.out = console.out();
    this.options = options;
    this.database = database;
    this.progress = new Progress(console.err(), console.terminal());
    this.scratch = Scratch.in(options.data());
    this.crash =
        new Crash(
            database.url(), configuration("{}", 0, "shop"), options.login(), scratch, progress);
  }

  /** Makes the shop, measures, prints the table; answers it. */
  List<Measured> measure() throws Exception {
    makeShop();
    List<Measured> runs = new ArrayList<>();
    for (Contender contender : Contender.ALL) {
      progress.begin(contender.name(), Progress.WIDTH);
      Measured measured = run(contender);
      progress.end(ResultTable.count(measured.readsPerSecond()) + " reads/s");
      runs.add(measured);
    }
    print(runs);
    return runs;
  }

  /**
   * Kills a server under load, starts it again, prints what came of it.
   *
   * @throws Failure if a write was lost
   */
  void crash() throws Exception {
    Crash.Outcome outcome = crash.run(options.seconds());
    out.println();
    out.println("write-behind and kill -9, " + Crash.WRITERS + " clients that write:");
    out.println(outcome);
    out.flush();
    if (!outcome.isWhole()) {
      throw Failure.failed("the crash has cost acknowledged writes, or made some twice");
    }
  }

  private void makeShop() {
    progress.begin("making a shop", Shop.steps());
    long rows = database.make(configuration("{}", 0, "shop"), progress);
    progress.end(ResultTable.count((double) rows) + " rows in 4 tables");
  }

  private Configuration configuration(String keyspaces, int port, String data) {
    String text =
        """
        database: '%s'
        listen: %s:%d
        pool-size: 8
        data: '%s'
        keyspaces: %s
        """
            .formatted(
                database.url().replace("'", "''"),
                HOST,
                port,
                scratch.file(data).toString().replace("'", "''"),
                keyspaces);
    return ConfigurationReader.readText(text, "demo", options.login());
  }

  // ---- one contender ----

  private Measured run(Contender contender) throws Exception {
    AtomicReference<@Nullable CountingDataSource> counted = new AtomicReference<>();
    // Without a keyspace over a table there would be no pool, which those beside it need, too.
    String keyspaces = withPool(contender.keyspaces());
    try (Serving serving =
        Serving.start(
            configuration(keyspaces, 0, contender.name()),
            pool -> {
              CountingDataSource counting = new CountingDataSource(pool, options.roundTrip());
              counted.set(counting);
              return counting;
            })) {
      CountingDataSource counting = counted.get();
      if (counting == null) {
        throw new IllegalStateException("no pool");
      }
      if (contender.isDatabase()) {
        try (RespClient cache = door(serving, counting).cache()) {
          Clients.move(new ShopSql(counting), cache);
        }
      }
      Load.ClientMaker clients = () -> contender.client().apply(door(serving, counting));
      load.run(options.seconds() * WARM_UP, clients, new Progress(console.err(), false));
      long before = counting.statements();
      KeyspaceStats statsBefore = serving.stats("customers");
      Load.Done done = load.run(options.seconds(), clients, progress);
      long statements = counting.statements() - before;
      KeyspaceStats stats = serving.stats("customers");
      // Under look-aside the client knows what hit; where the cache loads, only the cache does.
      long hits =
          stats == null || statsBefore == null ? done.hits() : stats.hits() - statsBefore.hits();
      return new Measured(
          contender.name(),
          done.seconds(),
          done.reads(),
          done.writes(),
          statements,
          hits,
          contender.hasCache());
    }
  }

  private static String withPool(String keyspaces) {
    String others = "products: { pattern: read-through }";
    return keyspaces.equals("{}")
        ? "{ " + others + " }"
        : keyspaces.substring(0, keyspaces.length() - 1) + ", " + others + " }";
  }

  private static Contender.Door door(Serving serving, CountingDataSource counting) {
    return new Contender.Door() {
      @Override
      public ShopSql sql() {
        return new ShopSql(counting);
      }

      @Override
      public RespClient cache() {
        try {
          return new RespClient(HOST, serving.port());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  // ---- what is said ----

  private void print(List<Measured> runs) {
    out.println();
    out.println("database    " + database.shown());
    double roundTrip = options.roundTrip().toNanos() / 1e6;
    if (roundTrip > 0) {
      out.printf(
          Locale.ROOT,
          "            made to be %.1f ms away, as on another machine; --round-trip 0s for none%n",
          roundTrip);
    }
    out.printf(
        "load        %d clients, one operation in %d a write, each as fast as it is answered,"
            + " zipfian keys of %s customers%n",
        Load.CLIENTS, Load.WRITE_ONCE_IN, ResultTable.count(Shop.CUSTOMERS));
    out.printf(
        "machine     %d processors for clients%s%n",
        Runtime.getRuntime().availableProcessors(),
        database.isHere() ? ", cache and database together" : " and cache");
    out.printf(
        Locale.ROOT,
        "time        %.1f s each, after %.1f s from a cold start that are not counted%n",
        options.seconds(),
        options.seconds() * WARM_UP);
    out.println();
    ResultTable.of(runs).forEach(out::println);
    out.println();
    Remarks.of(runs).forEach(out::println);
    out.flush();
  }

  // ---- afterwards ----

  /** Serves the shop, and says what to try. */
  public void stay(int port) {
    String keyspaces =
        """
        {
          customers: { pattern: write-through },
          products: { pattern: read-through },
          orders: { pattern: read-through, format: json },
          order_lines: { pattern: read-through } }
        """;
    try {
      stays = Serving.start(configuration(keyspaces, port, "stay"));
    } catch (Failure taken) {
      stays = Serving.start(configuration(keyspaces, 0, "stay"));
    }
    String client = "  redis-cli -p " + stays.port() + " ";
    out.println();
    out.println("The shop is served now. In another terminal:");
    out.println(client + "HGETALL customers:42             a row of the table");
    out.println(client + "HSET customers:42 points 7       committed before it is answered");
    out.println(client + "HSET products:7 price 1          refused: products is read-through");
    out.println("Ctrl-C ends it" + (database.isTemporary() ? " and removes the data." : "."));
    out.flush();
  }

  @Override
  public void close() throws IOException, SQLException {
    if (stays != null) {
      stays.close();
    }
    crash.close();
    database.close();
    scratch.close();
  }
}
