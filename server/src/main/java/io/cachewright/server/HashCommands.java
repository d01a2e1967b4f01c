// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.READS;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;

import io.cachewright.engine.Entry;
import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Handlers;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Patch;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hashes: plain ones here, rows of tables in {@link RowCommands}. */
final class HashCommands {
  private static final Set<Flag> READ = EnumSet.of(READS, FAST);
  private static final Set<Flag> READ_ALL = EnumSet.of(READS);
  private static final Set<Flag> WRITE = EnumSet.of(WRITES, FAST);

  static final Family FAMILY =
      new Family(
          "Hashes",
          List.of(
              row("HGET", 3, READ, both(HashCommands::hget, RowCommands::hget), "A field"),
              row(
                  "HMGET",
                  -3,
                  READ,
                  both(HashCommands::hmget, RowCommands::hmget),
                  "Several fields"),
              row(
                  "HGETALL",
                  2,
                  READ_ALL,
                  both(HashCommands::hgetall, RowCommands::hgetall),
                  "All of it"),
              row("HSET", -4, WRITE, both(HashCommands::hset, RowCommands::hset), "Sets fields"),
              row(
                  "HMSET",
                  -4,
                  WRITE,
                  both(HashCommands::hset, RowCommands::hset),
                  "The same; answers OK"),
              row(
                  "HSETNX",
                  4,
                  WRITE,
                  both(HashCommands::hsetnx, RowCommands::hsetnx),
                  "If not there"),
              row(
                  "HDEL",
                  -3,
                  WRITE,
                  both(HashCommands::hdel, RowCommands::hdel),
                  "Of a row: sets NULL"),
              row(
                  "HEXISTS",
                  3,
                  READ,
                  both(HashCommands::hexists, RowCommands::hexists),
                  "Of a field"),
              row("HLEN", 2, READ, both(HashCommands::hlen, RowCommands::hlen), "How many fields"),
              row(
                  "HSTRLEN",
                  3,
                  READ,
                  both(HashCommands::hstrlen, RowCommands::hstrlen),
                  "Its length"),
              row(
                  "HKEYS",
                  2,
                  READ_ALL,
                  both(HashCommands::hkeys, RowCommands::hkeys),
                  "All fields"),
              row(
                  "HVALS",
                  2,
                  READ_ALL,
                  both(HashCommands::hvals, RowCommands::hvals),
                  "All values"),
              row(
                  "HINCRBY",
                  4,
                  WRITE,
                  both(HashCommands::hincrby, RowCommands::hincrby),
                  "Adds to it"),
              row(
                  "HINCRBYFLOAT",
                  4,
                  WRITE,
                  both(HashCommands::hincrbyfloat, RowCommands::hincrbyfloat),
                  "Adds a number to it"),
              row(
                  "HSCAN",
                  -3,
                  READ_ALL,
                  both(HashCommands::hscan, RowCommands::hscan),
                  "Field by field"),
              row(
                  "HRANDFIELD",
                  -2,
                  READ_ALL,
                  both(HashCommands::hrandfield, RowCommands::hrandfield),
                  "Fields at random")));

  private HashCommands() {}

  private static Command row(
      String name, int arity, Set<Flag> flags, Handlers handlers, String summary) {
    return new Command(name, arity, flags, Keys.ONE, handlers, summary);
  }

  private static @Nullable Hash hash(Call call) {
    return call.plain().hash(call.key(1));
  }

  static void bulkOrNil(RespWriter out, byte @Nullable [] value) {
    if (value == null) {
      out.nil();
    } else {
      out.bulk(value);
    }
  }

  // ---- reads ----

  private static void hget(Call call) {
    Hash hash = hash(call);
    bulkOrNil(call.out(), hash == null ? null : hash.get(call.key(2)));
  }

  private static void hmget(Call call) {
    Hash hash = hash(call);
    call.out().array(call.size() - 2);
    for (int i = 2; i < call.size(); i++) {
      bulkOrNil(call.out(), hash == null ? null : hash.get(call.key(i)));
    }
  }

  private static void hgetall(Call call) {
    Map<Bytes, byte[]> fields = fields(hash(call));
    call.out().map(fields.size());
    fields.forEach(
        (field, value) -> {
          call.out().bulk(field.array());
          call.out().bulk(value);
        });
  }

  private static Map<Bytes, byte[]> fields(@Nullable Hash hash) {
    return hash == null ? Map.of() : hash.fields();
  }

  private static void hexists(Call call) {
    Hash hash = hash(call);
    call.out().integer(hash != null && hash.get(call.key(2)) != null ? 1 : 0);
  }

  private static void hlen(Call call) {
    Hash hash = hash(call);
    call.out().integer(hash == null ? 0 : hash.size());
  }

  private static void hstrlen(Call call) {
    Hash hash = hash(call);
    byte[] value = hash == null ? null : hash.get(call.key(2));
    call.out().integer(value == null ? 0 : value.length);
  }

  private static void hkeys(Call call) {
    Map<Bytes, byte[]> fields = fields(hash(call));
    call.out().array(fields.size());
    fields.keySet().forEach(field -> call.out().bulk(field.array()));
  }

  private static void hvals(Call call) {
    Map<Bytes, byte[]> fields = fields(hash(call));
    call.out().array(fields.size());
    fields.values().forEach(call.out()::bulk);
  }

  private static void hscan(Call call) {
    FieldScan.of(call, 2).run(fields(hash(call))).write(call.out());
  }

  private static void hrandfield(Call call) {
    RandomFields.of(call).run(fields(hash(call))).write(call.out());
  }

  // ---- writes ----

  private static void set(
      Call call, @Nullable Entry<PlainValue> present, Bytes field, byte[] value) {
    call.plain().patch(call.key(1), present, new Patch(Map.of(field, value)));
  }

  private static void hset(Call call) {
    boolean answersOk = call.bytes(0).length == "HMSET".length();
    if (call.size() % 2 != 0) {
      throw ErrorReply.wrongArity(call.commandName());
    }
    Entry<PlainValue> present = call.plain().find(call.key(1));
    int before = PlainKeys.hashIn(present).size();
    Hash after = call.plain().patch(call.key(1), present, new Patch(pairs(call)));
    if (answersOk) {
      call.out().ok();
    } else {
      call.out().integer(after.size() - before);
    }
  }

  private static Map<Bytes, byte @Nullable []> pairs(Call call) {
    if (call.size() == 4) {
      return Map.of(call.key(2), call.bytes(3));
    }
    Map<Bytes, byte @Nullable []> pairs = new LinkedHashMap<>();
    for (int i = 2; i < call.size(); i += 2) {
      pairs.put(call.key(i), call.bytes(i + 1));
    }
    return pairs;
  }

  private static void hsetnx(Call call) {
    Bytes field = call.key(2);
    Entry<PlainValue> present = call.plain().find(call.key(1));
    boolean absent = PlainKeys.hashIn(present).get(field) == null;
    if (absent) {
      set(call, present, field, call.bytes(3));
    }
    call.out().integer(absent ? 1 : 0);
  }

  private static void hdel(Call call) {
    Entry<PlainValue> present = call.plain().find(call.key(1));
    Hash hash = PlainKeys.hashIn(present);
    Map<Bytes, byte @Nullable []> gone = new LinkedHashMap<>();
    for (int i = 2; i < call.size(); i++) {
      if (hash.get(call.key(i)) != null) {
        gone.put(call.key(i), null);
      }
    }
    if (!gone.isEmpty() && gone.size() == hash.size()) {
      call.plain().remove(call.key(1));
    } else if (!gone.isEmpty()) {
      call.plain().patch(call.key(1), present, new Patch(gone));
    }
    call.out().integer(gone.size());
  }

  private static void hincrby(Call call) {
    long more = call.integer(3);
    Bytes field = call.key(2);
    Entry<PlainValue> present = call.plain().find(call.key(1));
    byte[] before = PlainKeys.hashIn(present).get(field);
    if (before != null && !Numbers.isInteger(before)) {
      throw new ErrorReply("ERR hash value is not an integer");
    }
    long sum = StringCommands.sum(before == null ? 0 : Numbers.integer(before), more);
    set(call, present, field, Numbers.text(sum));
    call.out().integer(sum);
  }

  /** What HINCRBYFLOAT adds. */
  static BigDecimal increment(Call call) {
    return Numbers.decimal(
        call.bytes(3), StringCommands.NOT_A_FLOAT, "ERR value is NaN or Infinity");
  }

  /** What it adds to. */
  static BigDecimal addend(byte[] value) {
    return Numbers.decimal(value, "ERR hash value is not a float", Numbers.SUM_NOT_FINITE);
  }

  private static void hincrbyfloat(Call call) {
    BigDecimal more = increment(call);
    Bytes field = call.key(2);
    Entry<PlainValue> present = call.plain().find(call.key(1));
    byte[] before = PlainKeys.hashIn(present).get(field);
    BigDecimal number = before == null ? BigDecimal.ZERO : addend(before);
    byte[] after = Bytes.of(Numbers.print(number.add(more))).array();
    set(call, present, field, after);
    call.out().bulk(after);
  }
}
