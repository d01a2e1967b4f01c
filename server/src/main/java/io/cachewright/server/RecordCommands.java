// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.ADMIN;
import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.NOT_IN_MULTI;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;

import io.cachewright.CacheException;
import io.cachewright.engine.Entry;
import io.cachewright.engine.Log;
import io.cachewright.engine.SnapshotStatus;
import io.cachewright.engine.Space;
import io.cachewright.engine.Write;
import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.Command.TableHandler;
import io.cachewright.store.Change;
import io.cachewright.store.Written;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What there is to do with keyspaces that are the database themselves. */
final class RecordCommands {
  private static final Logger log = LoggerFactory.getLogger(RecordCommands.class);

  /** Keys that one transaction of CW.CLEAR removes. */
  private static final int CLEARED_AT_ONCE = 1_000;

  private static final Set<Flag> SLOW = EnumSet.of(NOT_IN_MULTI, ADMIN);

  static final Family FAMILY =
      new Family(
          "Record keyspaces",
          List.of(
              row("BGSAVE", -1, SLOW, RecordCommands::saveLater, "Begins a snapshot"),
              row("BGREWRITEAOF", 1, SLOW, RecordCommands::saveLater, "The same as BGSAVE"),
              row(
                  "SAVE",
                  1,
                  SLOW,
                  RecordCommands::save,
                  "Takes a snapshot; others go on meanwhile"),
              row(
                  "LASTSAVE",
                  1,
                  EnumSet.of(FAST),
                  RecordCommands::lastSave,
                  "When the last snapshot was finished, in seconds since 1970"),
              row(
                  "CW.CLEAR",
                  2,
                  EnumSet.of(WRITES, NOT_IN_MULTI, ADMIN),
                  RecordCommands::clear,
                  "Removes all keys of a record keyspace for good")));

  private RecordCommands() {}

  private static Command row(
      String name, int arity, Set<Flag> flags, TableHandler handler, String summary) {
    return new Command(name, arity, flags, Keys.NONE, both(call -> {}, handler), summary);
  }

  // ---- snapshots ----

  private static Log requireRecords(Call call) {
    Log records = call.service().engine().log();
    if (records == null || !records.snapshotStatus().wanted()) {
      throw new ErrorReply("ERR no keyspace is record, so there is nothing to save");
    }
    return records;
  }

  private static Plan saveLater(Call call) {
    boolean rewrites = call.is(0, "BGREWRITEAOF");
    if (call.size() > 2 || (call.size() == 2 && !call.is(1, "SCHEDULE"))) {
      throw ErrorReply.syntax();
    }
    Log records = requireRecords(call);
    if (records.snapshotStatus().running()) {
      throw new ErrorReply("ERR Background save already in progress");
    }
    return Plan.task(
        () -> {
          var unused = CompletableFuture.runAsync(() -> saveAndSay(records), workers(call));
          String answer =
              rewrites
                  ? "Background append only file rewriting started"
                  : "Background saving started";
          return CompletableFuture.completedFuture(out -> out.simple(answer));
        });
  }

  private static Executor workers(Call call) {
    return call.service().engine()::execute;
  }

  private static void saveAndSay(Log records) {
    try {
      records.snapshot();
    } catch (CacheException e) {
      log.warn("no snapshot was taken: {}", e.getMessage());
    }
  }

  private static Plan save(Call call) {
    Log records = requireRecords(call);
    return Plan.task(
        () ->
            CompletableFuture.runAsync(records::snapshot, workers(call))
                .thenApply(done -> RespWriter::ok));
  }

  private static Plan lastSave(Call call) {
    Log records = call.service().engine().log();
    SnapshotStatus status = records == null ? null : records.snapshotStatus();
    Instant last = status == null ? null : status.last();
    long seconds = last == null ? call.service().beganMillis() / 1_000 : last.getEpochSecond();
    return Plan.task(() -> CompletableFuture.completedFuture(out -> out.integer(seconds)));
  }

  // ---- clearing ----

  /**
   * Removes the keys that are there from beginning to end, portion by portion; answers how many.
   */
  private static Plan clear(Call call) {
    String name = call.text(1);
    Target target = call.service().catalog().find(name);
    if (!(target instanceof PlainKeyspace plain) || !plain.isLogged()) {
      throw new ErrorReply(
          "ERR there is no record keyspace " + name + "; CW.KEYSPACES lists all keyspaces");
    }
    return Plan.task(
        () ->
            CompletableFuture.supplyAsync(() -> clear(plain.space()), workers(call))
                .thenApply(removed -> out -> out.integer(removed)));
  }

  private static long clear(Space<Bytes, PlainValue> space) {
    long removed = 0;
    List<Write<Bytes, PlainValue>> portion = new ArrayList<>();
    for (Iterator<Map.Entry<Bytes, Entry<PlainValue>>> all = space.iterator(); all.hasNext(); ) {
      portion.add(new Write<>(space, new Change.Remove<>(all.next().getKey())));
      if (portion.size() == CLEARED_AT_ONCE || !all.hasNext()) {
        List<Written<?>> written = space.engine().commit(portion, List.of(), true).join();
        removed += written == null ? 0 : written.stream().filter(Written::existed).count();
        portion.clear();
      }
    }
    return removed;
  }
}
