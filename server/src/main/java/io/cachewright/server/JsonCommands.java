// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.Row;
import io.cachewright.engine.Entry;
import io.cachewright.engine.Write;
import io.cachewright.server.Catalog.Format;
import io.cachewright.server.PlainValue.Text;
import io.cachewright.server.Plan.Spot;
import io.cachewright.server.Plan.Step;
import io.cachewright.store.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows of tables, seen as strings that hold a JSON document: see {@link JsonRows}. */
final class JsonCommands {
  private JsonCommands() {}

  private static Answer document(TableKeyspace table, @Nullable Object row) {
    byte[] json = row == null ? null : table.json().print((Row) row);
    return out -> HashCommands.bulkOrNil(out, json);
  }

  static Plan get(Call call) {
    TableKeyspace table = call.table(1, Format.JSON);
    return Plan.read(table.spot(call.bytes(1)), row -> document(table, row));
  }

  static Plan strlen(Call call) {
    TableKeyspace table = call.table(1, Format.JSON);
    return Plan.read(
        table.spot(call.bytes(1)),
        row -> {
          int length = row == null ? 0 : table.json().print((Row) row).length;
          return out -> out.integer(length);
        });
  }

  /** Keys of any kind; of what is no string there is nil, as in Redis. */
  static Plan mget(Call call) {
    List<Target> targets = new ArrayList<>();
    for (int i = 1; i < call.size(); i++) {
      targets.add(call.target(i));
    }
    return Plan.readAll(
        call.spots(),
        values -> {
          List<byte @Nullable []> texts = new ArrayList<>();
          for (int i = 0; i < targets.size(); i++) {
            Object value = values.get(i);
            if (targets.get(i) instanceof TableKeyspace table && table.format() == Format.JSON) {
              texts.add(value == null ? null : table.json().print((Row) value));
            } else {
              texts.add(value instanceof Text text ? text.value() : null);
            }
          }
          return out -> {
            out.array(texts.size());
            texts.forEach(text -> HashCommands.bulkOrNil(out, text));
          };
        });
  }

  static Plan set(Call call) {
    TableKeyspace table = call.table(1, Format.JSON);
    SetOptions options = SetOptions.ofSet(call, 3);
    Object key = table.rowKey(call.bytes(1));
    Row row = table.json().parse(key, call.bytes(2));
    if (options.onlyIfPresent() || options.get() || options.keepTime()) {
      return change(table, key, row, options, call);
    }
    long time = timeToLive(call, options, Entry.NEVER);
    Change<Object, Row> change =
        options.onlyIfAbsent() ? new Change.Insert<>(key, row) : new Change.Put<>(key, row);
    return Plan.write(
        Step.write(
            new Write<>(table.space(), change, time),
            written ->
                out -> {
                  if (options.onlyIfAbsent() && written.existed()) {
                    out.nil();
                  } else {
                    out.ok();
                  }
                }));
  }

  /** What depends on the row before. */
  private static Plan change(
      TableKeyspace table, Object key, Row row, SetOptions options, Call call) {
    Spot spot = new Spot(table.space(), key);
    Service service = call.service();
    return Plan.change(
        spot,
        before -> {
          boolean refused = before == null ? options.onlyIfPresent() : options.onlyIfAbsent();
          Answer old = document(table, before);
          if (refused) {
            return Step.answer(options.get() ? old : RespWriter::nil);
          }
          Entry<?> entry = spot.peek();
          long present = entry == null ? Entry.NEVER : entry.expiresAt();
          long time = timeToLive(service, options, present);
          return Step.write(
              new Write<>(table.space(), new Change.Put<>(key, row), time),
              written -> options.get() ? old : RespWriter::ok);
        });
  }

  private static long timeToLive(Call call, SetOptions options, long present) {
    return timeToLive(call.service(), options, present);
  }

  /** How long the entry stays, in nanoseconds. */
  private static long timeToLive(Service service, SetOptions options, long present) {
    if (!options.hasTime() && !options.keepTime()) {
      return Write.DEFAULT_TIME;
    }
    long end = options.endOver(present);
    return end == Entry.NEVER ? Entry.NEVER : Math.max(1, end - service.clock().nanos());
  }

  static Plan setnx(Call call) {
    TableKeyspace table = call.table(1, Format.JSON);
    Object key = table.rowKey(call.bytes(1));
    Row row = table.json().parse(key, call.bytes(2));
    return Plan.write(
        Step.write(
            new Write<>(table.space(), new Change.Insert<>(key, row)),
            written -> out -> out.integer(written.existed() ? 0 : 1)));
  }

  static Plan setex(Call call) {
    TableKeyspace table = call.table(1, Format.JSON);
    boolean seconds = call.bytes(0).length == "SETEX".length();
    long end = SetOptions.expiresAt(call, 2, seconds, /* absolute= */ false, /* from= */ 1);
    Object key = table.rowKey(call.bytes(1));
    Row row = table.json().parse(key, call.bytes(3));
    long time = Math.max(1, end - call.service().clock().nanos());
    return Plan.write(
        Step.write(
            new Write<>(table.space(), new Change.Put<>(key, row), time),
            written -> RespWriter::ok));
  }

  /** All of them in one transaction. */
  static Plan mset(Call call) {
    if (call.size() % 2 == 0) {
      throw ErrorReply.wrongArity(call.commandName());
    }
    List<Write<?, ?>> writes = new ArrayList<>();
    for (int i = 1; i < call.size(); i += 2) {
      if (call.target(i) instanceof PlainKeyspace plain) {
        writes.add(
            new Write<>(plain.space(), new Change.Put<>(call.key(i), new Text(call.bytes(i + 1)))));
      } else {
        TableKeyspace table = call.table(i, Format.JSON);
        Object key = table.rowKey(call.bytes(i));
        writes.add(
            new Write<>(
                table.space(), new Change.Put<>(key, table.json().parse(key, call.bytes(i + 1)))));
      }
    }
    return Plan.write(new Step(writes, () -> {}, written -> RespWriter::ok));
  }

  static Plan getdel(Call call) {
    TableKeyspace table = call.table(1, Format.JSON);
    Spot spot = table.spot(call.bytes(1));
    return Plan.change(
        spot,
        row ->
            row == null
                ? Step.answer(RespWriter::nil)
                : Step.write(
                    Objects.requireNonNull(spot.remove()), written -> document(table, row)));
  }
}
