// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.LOCKED;
import static io.cachewright.server.Command.Flag.READS;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;

import io.cachewright.engine.Entry;
import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Handlers;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.PlainValue.Hash;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Hashes: plain ones here, rows of tables in {@link RowCommands}. */
final class HashCommands {
  private static final Set<Flag> READ = EnumSet.of(READS, LOCKED, FAST);
  private static final Set<Flag> READ_ALL = EnumSet.of(READS, LOCKED);
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

  /** Lets a change at the hash of the first key, a new one if there is none. */
  private static <R> R change(Call call, Function<Hash, R> change) {
    Bytes key = call.key(1);
    Entry<PlainValue> present = call.plain().find(key);
    if (present != null && !(present.value() instanceof Hash)) {
      throw ErrorReply.wrongType();
    }
    Hash hash = present != null && present.value() instanceof Hash there ? there : new Hash();
    R result = change.apply(hash);
    if (hash.size() == 0) {
      call.plain().remove(key);
    } else {
      call.plain().replace(key, present, hash);
    }
    return result;
  }

  private static void hset(Call call) {
    boolean answersOk = call.bytes(0).length == "HMSET".length();
    if (call.size() % 2 != 0) {
      throw ErrorReply.wrongArity(call.commandName());
    }
    int added =
        change(
            call,
            hash -> {
              int fresh = 0;
              for (int i = 2; i < call.size(); i += 2) {
                fresh += hash.set(call.key(i), call.bytes(i + 1)) ? 1 : 0;
              }
              return fresh;
            });
    if (answersOk) {
      call.out().ok();
    } else {
      call.out().integer(added);
    }
  }

  private static void hsetnx(Call call) {
    Bytes field = call.key(2);
    Hash present = hash(call);
    if (present != null && present.get(field) != null) {
      call.out().integer(0);
      return;
    }
    boolean set = change(call, hash -> hash.set(field, call.bytes(3)));
    call.out().integer(set ? 1 : 0);
  }

  private static void hdel(Call call) {
    if (hash(call) == null) {
      call.out().integer(0);
      return;
    }
    int removed =
        change(
            call,
            hash -> {
              int gone = 0;
              for (int i = 2; i < call.size(); i++) {
                gone += hash.remove(call.key(i)) ? 1 : 0;
              }
              return gone;
            });
    call.out().integer(removed);
  }

  private static void hincrby(Call call) {
    long more = call.integer(3);
    Bytes field = call.key(2);
    Hash present = hash(call);
    byte[] before = present == null ? null : present.get(field);
    if (before != null && !Numbers.isInteger(before)) {
      throw new ErrorReply("ERR hash value is not an integer");
    }
    long sum = StringCommands.sum(before == null ? 0 : Numbers.integer(before), more);
    change(call, hash -> hash.set(field, Numbers.text(sum)));
    call.out().integer(sum);
  }

  private static void hincrbyfloat(Call call) {
    BigDecimal more = Numbers.decimal(call.bytes(3), "ERR value is not a valid float");
    Bytes field = call.key(2);
    Hash present = hash(call);
    byte[] before = present == null ? null : present.get(field);
    BigDecimal number =
        before == null ? BigDecimal.ZERO : Numbers.decimal(before, "ERR hash value is not a float");
    byte[] after = Bytes.of(Numbers.print(number.add(more))).array();
    change(call, hash -> hash.set(field, after));
    call.out().bulk(after);
  }
}
