// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.ADMIN;
import static io.cachewright.server.Command.Flag.NOT_IN_MULTI;
import static io.cachewright.server.Command.both;

import io.cachewright.BadValueException;
import io.cachewright.ParkedChange;
import io.cachewright.Row;
import io.cachewright.engine.Log;
import io.cachewright.engine.ParkedChanges;
import io.cachewright.engine.Space;
import io.cachewright.jdbc.Column;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.Command.TableHandler;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What write-behind has accepted and the database does not have yet, or has refused. None of these
 * runs on the event loop: files are written and databases waited for.
 */
final class LogCommands {
  /** What parked changes become is not for every client. */
  private static final Set<String> CHANGING = Set.of("CW.RETRY", "CW.DISCARD");

  static final Family FAMILY =
      new Family(
          "Write-behind",
          List.of(
              row("CW.FLUSH", -1, LogCommands::flush, "Returns when the database has all writes"),
              row("CW.WAIT", 2, LogCommands::await, "Waits so many ms for that; 1, or 0 if not"),
              row("WAITAOF", 4, LogCommands::waitAof, "Waits until the journal is on disk"),
              row("CW.PARKED", -1, LogCommands::parked, "What the database refuses: all, or one"),
              row("CW.RETRY", -2, LogCommands::retry, "Tries one again, or ALL; may set fields"),
              row("CW.DISCARD", 2, LogCommands::discard, "Drops a parked change for good")));

  private LogCommands() {}

  private static Command row(String name, int arity, TableHandler handler, String summary) {
    return new Command(
        name,
        arity,
        CHANGING.contains(name) ? Set.of(NOT_IN_MULTI, ADMIN) : Set.of(NOT_IN_MULTI),
        Keys.NONE,
        both(call -> {}, handler),
        summary);
  }

  private static @Nullable Log log(Call call) {
    return call.service().engine().log();
  }

  private static Log requireLog(Call call) {
    Log log = log(call);
    if (log == null) {
      throw new ErrorReply("ERR no keyspace is write-behind, so there is no journal");
    }
    return log;
  }

  // ---- waiting ----

  private static Plan flush(Call call) {
    if (call.size() > 2) {
      throw ErrorReply.wrongArity(call.commandName());
    }
    Log log = log(call);
    Catalog catalog = call.service().catalog();
    if (call.size() == 2) {
      Space<?, ?> space = KeyspaceCommands.spaceOf(served(catalog, call.text(1)));
      return Plan.task(() -> flushed(space.flush(), List.of(space)));
    }
    List<Space<?, ?>> spaces = new ArrayList<>();
    catalog.served().forEach(each -> spaces.add(KeyspaceCommands.spaceOf(each)));
    return Plan.task(
        () -> {
          if (log == null) {
            return done(RespWriter::ok);
          }
          checkReached(log, catalog);
          return flushed(log.flush(), spaces);
        });
  }

  private static CompletableFuture<Answer> flushed(
      CompletableFuture<Void> flush, List<Space<?, ?>> of) {
    return AwaitedFlush.of(flush, of).thenApply(all -> RespWriter::ok);
  }

  private static Target served(Catalog catalog, String name) {
    Target target = catalog.find(name);
    if (target instanceof AwayKeyspace away) {
      throw away.error();
    } else if (target == null) {
      throw noKeyspace(name);
    }
    return target;
  }

  /** Of a database that was away at the start nobody knows yet what it lacks. */
  private static void checkReached(Log log, Catalog catalog) {
    for (String name : log.unopened()) {
      if (catalog.find(name) instanceof AwayKeyspace away) {
        throw new ErrorReply(
            away.error().getMessage()
                + "; changes of it wait in the journal, and nothing can be flushed before its"
                + " database is there");
      }
    }
  }

  static ErrorReply noKeyspace(String name) {
    return new ErrorReply("ERR no keyspace " + name + "; CW.KEYSPACES lists them");
  }

  private static CompletableFuture<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }

  /** This connection's writes, and all others acknowledged by now, are in the database. */
  private static Plan await(Call call) {
    long millis = timeout(call, 1);
    Log log = log(call);
    return Plan.task(
        () ->
            log == null
                ? done(out -> out.integer(1))
                : within(millis, log.whenStored()).thenApply(in -> out -> out.integer(in ? 1 : 0)));
  }

  /** WAITAOF numlocal numreplicas timeout: answers how many journals have it, and replicas. */
  private static Plan waitAof(Call call) {
    long local = call.integer(1);
    long replicas = call.integer(2);
    long millis = timeout(call, 3);
    if (local < 0 || local > 1) {
      throw new ErrorReply("ERR value is out of range, must be between 0 and 1");
    } else if (replicas < 0) {
      throw new ErrorReply("ERR value is out of range, must be positive");
    }
    Log log = log(call);
    if (local == 1 && log == null) {
      throw new ErrorReply(
          "ERR WAITAOF cannot be used when numlocal is set but no keyspace is write-behind");
    }
    return Plan.task(
        () ->
            local == 0 || log == null
                ? done(out -> aof(out, 0))
                : within(millis, log.whenSynced()).thenApply(in -> out -> aof(out, in ? 1 : 0)));
  }

  private static void aof(RespWriter out, int local) {
    out.array(2);
    out.integer(local);
    out.integer(0);
  }

  private static long timeout(Call call, int word) {
    long millis = call.integer(word);
    if (millis < 0) {
      throw new ErrorReply("ERR timeout is negative");
    }
    return millis;
  }

  /**
   * Whether it is done in time.
   *
   * @param millis 0: as long as it takes
   */
  private static CompletableFuture<Boolean> within(long millis, CompletableFuture<Void> work) {
    CompletableFuture<Boolean> in = work.thenApply(done -> true);
    return millis == 0
        ? in
        : in.orTimeout(millis, TimeUnit.MILLISECONDS)
            .exceptionallyCompose(error -> gaveUp(error, work));
  }

  private static CompletableFuture<Boolean> gaveUp(Throwable error, CompletableFuture<Void> work) {
    if (!(error instanceof TimeoutException)) {
      return CompletableFuture.failedFuture(error);
    }
    work.cancel(false); // or who asks again and again would leave more and more behind
    return CompletableFuture.completedFuture(false);
  }

  // ---- what the database refuses ----

  private static Plan parked(Call call) {
    Log log = log(call);
    if (call.size() > 2) {
      throw ErrorReply.wrongArity(call.commandName());
    }
    String which = call.size() == 1 ? "" : call.text(1);
    Catalog catalog = call.service().catalog();
    boolean isId = !which.isEmpty() && which.chars().allMatch(c -> c >= '0' && c <= '9');
    long id = isId ? call.integer(1) : 0;
    if (!which.isEmpty() && !isId && catalog.named().get(which) == null) {
      throw noKeyspace(which);
    }
    return Plan.task(
        () -> {
          List<ParkedChange> all = log == null ? List.of() : log.parked().list();
          if (isId) {
            ParkedChange one = find(all, id);
            return done(out -> write(out, fields(catalog, one)));
          }
          List<Map<String, String>> shown = new ArrayList<>();
          for (ParkedChange each : all) {
            if (which.isEmpty() || each.keyspace().equals(which)) {
              shown.add(fields(catalog, each));
            }
          }
          return done(
              out -> {
                out.array(shown.size());
                shown.forEach(each -> write(out, each));
              });
        });
  }

  private static ParkedChange find(List<ParkedChange> all, long id) {
    return all.stream()
        .filter(each -> each.id() == id)
        .findFirst()
        .orElseThrow(() -> new BadValueException("nothing is parked under " + id));
  }

  private static void write(RespWriter out, Map<String, String> fields) {
    out.map(fields.size());
    fields.forEach(
        (name, value) -> {
          out.bulk(name);
          out.bulk(value);
        });
  }

  private static Map<String, String> fields(Catalog catalog, ParkedChange parked) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("id", Long.toString(parked.id()));
    fields.put("keyspace", parked.keyspace());
    Target target = catalog.named().get(parked.keyspace());
    fields.put(
        "key",
        target instanceof TableKeyspace table
            ? table.redisKey(parked.key())
            : parked.keyspace() + ":" + parked.key());
    fields.put("action", parked.value() == null ? "remove" : parked.removes() ? "replace" : "put");
    fields.put("value", parked.value() == null ? "" : text(target, parked.value()));
    fields.put("code", parked.code());
    fields.put("message", parked.reason());
    fields.put("since", parked.since().toString());
    fields.put("tries", Integer.toString(parked.tries()));
    return fields;
  }

  /** As {@code column=value, column=value}, with values as HGET has them. */
  private static String text(@Nullable Target target, Object value) {
    if (!(target instanceof TableKeyspace table) || !(value instanceof Row row)) {
      return value.toString();
    }
    List<String> columns = new ArrayList<>();
    for (Column column : table.table().columns()) {
      if (row.has(column.name())) {
        Object each = row.get(column.name());
        columns.add(column.name() + "=" + (each == null ? "NULL" : column.print(each)));
      }
    }
    return String.join(", ", columns);
  }

  private static Plan retry(Call call) {
    ParkedChanges parked = requireLog(call).parked();
    Catalog catalog = call.service().catalog();
    if (call.is(1, "ALL")) {
      return Plan.task(() -> retryAll(parked));
    }
    long id = call.integer(1);
    ParkedChange one = find(parked.list(), id);
    Row patch = call.size() == 2 ? null : patch(call, catalog.named().get(one.keyspace()), one);
    return Plan.task(
        () ->
            elsewhere(() -> patch == null ? parked.retry(id) : parked.retry(id, patch))
                .thenApply(
                    still -> out -> write(out, still == null ? Map.of() : fields(catalog, still))));
  }

  /** Begins work that writes files on a thread that may do so. */
  private static <T extends @Nullable Object> CompletableFuture<T> elsewhere(
      Supplier<CompletableFuture<T>> work) {
    return CompletableFuture.completedFuture(Boolean.TRUE).thenComposeAsync(now -> work.get());
  }

  private static Row patch(Call call, @Nullable Target target, ParkedChange parked) {
    if (!(target instanceof TableKeyspace table)) {
      throw new ErrorReply("ERR keyspace " + parked.keyspace() + " has no columns");
    } else if (call.size() % 2 != 0) {
      throw ErrorReply.wrongArity(call.commandName());
    }
    RowPatch patch = table.patch(parked.key());
    for (int i = 2; i < call.size(); i += 2) {
      Column column = table.writable(call.bytes(i));
      patch.set(column, column.parse(call.bytes(i + 1)));
    }
    return patch.row();
  }

  /** Answers how many the database has now, and how many are parked still. */
  private static CompletableFuture<Answer> retryAll(ParkedChanges parked) {
    return elsewhere(
        () -> {
          List<CompletableFuture<@Nullable ParkedChange>> all = new ArrayList<>();
          parked.list().forEach(each -> all.add(parked.retry(each.id())));
          return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
              .thenApply(done -> counted(all));
        });
  }

  private static Answer counted(List<CompletableFuture<@Nullable ParkedChange>> all) {
    long still = all.stream().filter(each -> each.join() != null).count();
    return out -> {
      out.array(2);
      out.integer(all.size() - still);
      out.integer(still);
    };
  }

  private static Plan discard(Call call) {
    ParkedChanges parked = requireLog(call).parked();
    long id = call.integer(1);
    return Plan.task(
        () ->
            CompletableFuture.supplyAsync(
                    () -> parked.discard(id), call.service().engine()::execute)
                .thenApply(gone -> RespWriter::ok));
  }
}
