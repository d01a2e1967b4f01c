// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.NOT_IN_MULTI;
import static io.cachewright.server.Command.Flag.READS;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;
import static io.cachewright.server.Command.plain;

import io.cachewright.CacheException;
import io.cachewright.KeyspaceStats;
import io.cachewright.NotAllowedException;
import io.cachewright.WriteBehindStatus;
import io.cachewright.engine.Log;
import io.cachewright.engine.Space;
import io.cachewright.journal.JournalStats;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.Plan.Spot;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a cache in front of a database needs and Redis has no command for. */
final class CacheCommands {
  private static final String PREFIX = "CW.";

  static final Family FAMILY =
      new Family(
          "Cachewright",
          List.of(
              new Command(
                  "CW.KEYSPACES",
                  1,
                  EnumSet.of(FAST),
                  Keys.NONE,
                  plain(CacheCommands::keyspaces),
                  "The keyspaces: name, pattern, format, table; why a flush of one fails"),
              new Command(
                  "CW.INFO",
                  -1,
                  EnumSet.of(FAST),
                  Keys.NONE,
                  plain(CacheCommands::info),
                  "The figures of a keyspace, or of all"),
              new Command(
                  "CW.EVICT",
                  -2,
                  EnumSet.of(WRITES),
                  Keys.ALL,
                  both(CacheCommands::evict, CacheCommands::evictAll),
                  "Drops keys from the cache; no row is deleted"),
              new Command(
                  "CW.REFRESH",
                  2,
                  EnumSet.of(READS, NOT_IN_MULTI),
                  Keys.ONE,
                  both(CacheCommands::cannotRefresh, CacheCommands::refresh),
                  "Loads a row again, after it was written past the cache"),
              new Command(
                  "CW.HELP",
                  1,
                  EnumSet.of(FAST),
                  Keys.NONE,
                  plain(CacheCommands::help),
                  "What CW.* commands there are")));

  private CacheCommands() {}

  // ---- what there is ----

  private static void keyspaces(Call call) {
    List<Map<String, String>> all =
        java.util.stream.Stream.concat(
                call.service().catalog().named().values().stream(),
                java.util.stream.Stream.of((Target) call.service().catalog().plain()))
            .map(CacheCommands::describe)
            .toList();
    call.out().array(all.size());
    for (Map<String, String> each : all) {
      call.out().map(each.size());
      each.forEach(
          (name, value) -> {
            call.out().bulk(name);
            call.out().bulk(value);
          });
    }
  }

  private static Map<String, String> describe(Target target) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("name", target.name());
    if (target instanceof AwayKeyspace away) {
      fields.put("unavailable", away.reason());
      return fields;
    }
    Space<?, ?> space = KeyspaceCommands.spaceOf(target);
    fields.put("pattern", space.pattern().word());
    if (target instanceof TableKeyspace table) {
      fields.put("format", table.format() == Catalog.Format.HASH ? "hash" : "json");
      fields.put("table", table.table().toString());
    }
    WriteBehindStatus behind = space.writeBehind();
    CacheException failing = behind == null ? null : behind.failing();
    if (failing != null) {
      fields.put("failing", String.valueOf(failing.getMessage()));
    }
    return fields;
  }

  private static void info(Call call) {
    if (call.size() == 1) {
      List<Target> all = call.service().catalog().served();
      call.out().map(all.size());
      for (Target each : all) {
        call.out().bulk(each.name());
        figures(call.out(), KeyspaceCommands.spaceOf(each));
      }
      return;
    }
    Target target = call.service().catalog().find(call.text(1));
    if (target instanceof AwayKeyspace away) {
      throw away.error();
    } else if (target == null) {
      throw LogCommands.noKeyspace(call.text(1));
    }
    figures(call.out(), KeyspaceCommands.spaceOf(target));
  }

  private static void figures(RespWriter out, Space<?, ?> space) {
    KeyspaceStats stats = space.stats();
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put("entries", space.size());
    figures.put("hits", stats.hits());
    figures.put("misses", stats.misses());
    figures.put("loads", stats.loads());
    figures.put("loaded-keys", stats.loadedKeys());
    figures.put("load-errors", stats.loadErrors());
    figures.put("writes", stats.writes());
    figures.put("write-errors", stats.writeErrors());
    figures.put("evictions", stats.evictions());
    WriteBehindStatus behind = space.writeBehind();
    if (behind != null) {
      addBehind(figures, behind, Objects.requireNonNull(space.engine().log()));
    }
    out.map(figures.size());
    figures.forEach(
        (name, number) -> {
          out.bulk(name);
          out.integer(number);
        });
  }

  /** Of all keyspaces over the same database, and the journal of all together. */
  private static void addBehind(Map<String, Long> figures, WriteBehindStatus behind, Log log) {
    figures.put("lag-ms", behind.lag().toMillis());
    figures.put("lag-changes", behind.changes());
    figures.put("lag-bytes", behind.bytes());
    figures.put("generations", (long) behind.generations());
    figures.put("position", behind.position());
    figures.put("logged", behind.logged());
    figures.put("flushes", behind.flushes());
    figures.put("flushed-rows", behind.flushedRows());
    figures.put("flush-ms", behind.flushTime().toMillis());
    figures.put("last-flush-ms", behind.lastFlush().toMillis());
    figures.put("retries", behind.retries());
    figures.put("failing", behind.failing() == null ? 0L : 1L);
    figures.put("stopped", behind.stopped() ? 1L : 0L);
    figures.put("needs-copy", behind.needsCopy() ? 1L : 0L);
    figures.put("parked", (long) log.parked().size());
    JournalStats journal = log.journalStats();
    figures.put("journal-bytes", journal.bytes());
    figures.put("fsyncs", journal.fsyncs());
    figures.put("fsync-us", journal.fsyncNanosTotal() / 1_000);
    figures.put("last-fsync-us", journal.fsyncNanosLast() / 1_000);
  }

  private static void help(Call call) {
    List<Command> ours =
        call.service().commands().all().stream()
            .map(CommandTable.Counted::command)
            .filter(command -> command.name().startsWith(PREFIX))
            .toList();
    call.out().array(ours.size());
    ours.forEach(command -> call.out().bulk(command.name() + ": " + command.summary()));
  }

  // ---- what the cache has ----

  private static void evict(Call call) {
    int evicted = 0;
    for (int i = 1; i < call.size(); i++) {
      evicted += call.keyspace(i).space().evict(call.key(i)) ? 1 : 0;
    }
    call.out().integer(evicted);
  }

  private static Plan evictAll(Call call) {
    List<Spot> spots = call.spots();
    long[] evicted = new long[1];
    return Plan.effect(
        () -> evicted[0] = spots.stream().filter(Spot::evict).count(),
        () -> out -> out.integer(evicted[0]));
  }

  private static void cannotRefresh(Call call) {
    throw new NotAllowedException(
        "key " + call.text(1) + " is a plain key: there is no store to refresh it from");
  }

  private static Plan refresh(Call call) {
    return Plan.refresh(call.spot(1), row -> out -> out.integer(row == null ? 0 : 1));
  }
}
