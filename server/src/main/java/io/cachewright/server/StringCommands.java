// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.READS;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;
import static io.cachewright.server.Command.plain;

import io.cachewright.engine.Entry;
import io.cachewright.server.Command.Handlers;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.PlainValue.Text;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Strings: the values of plain keys. */
final class StringCommands {
  static final String NOT_A_FLOAT = "ERR value is not a valid float";

  static final Family FAMILY =
      new Family(
          "Strings",
          List.of(
              read(
                  "GET",
                  2,
                  Keys.ONE,
                  both(StringCommands::get, JsonCommands::get),
                  "The value of a key"),
              write(
                  "SET",
                  -3,
                  Keys.ONE,
                  both(StringCommands::set, JsonCommands::set),
                  "Sets a key, with NX, XX, GET, EX…"),
              write(
                  "SETNX",
                  3,
                  Keys.ONE,
                  both(StringCommands::setnx, JsonCommands::setnx),
                  "Sets a key that is not there"),
              write(
                  "SETEX",
                  4,
                  Keys.ONE,
                  both(StringCommands::setex, JsonCommands::setex),
                  "Sets a key for some seconds"),
              write(
                  "PSETEX",
                  4,
                  Keys.ONE,
                  both(StringCommands::setex, JsonCommands::setex),
                  "The same in milliseconds"),
              write(
                  "GETSET",
                  3,
                  Keys.ONE,
                  plain(StringCommands::getset),
                  "Sets; answers what was there"),
              write(
                  "GETDEL",
                  2,
                  Keys.ONE,
                  both(StringCommands::getdel, JsonCommands::getdel),
                  "The value; removes the key"),
              write(
                  "GETEX",
                  -2,
                  Keys.ONE,
                  plain(StringCommands::getex),
                  "The value; sets its expiry"),
              write("APPEND", 3, Keys.ONE, plain(StringCommands::append), "Appends to the value"),
              read(
                  "STRLEN",
                  2,
                  Keys.ONE,
                  both(StringCommands::strlen, JsonCommands::strlen),
                  "The length of the value"),
              read("GETRANGE", 4, Keys.ONE, plain(StringCommands::getrange), "A part of the value"),
              read(
                  "SUBSTR",
                  4,
                  Keys.ONE,
                  plain(StringCommands::getrange),
                  "The old name of GETRANGE"),
              write("SETRANGE", 4, Keys.ONE, plain(StringCommands::setrange), "Overwrites a part"),
              read(
                  "MGET",
                  -2,
                  Keys.ALL,
                  both(StringCommands::mget, JsonCommands::mget),
                  "The values of several keys"),
              write(
                  "MSET",
                  -3,
                  Keys.PAIRS,
                  both(StringCommands::mset, JsonCommands::mset),
                  "Sets several keys at once"),
              write(
                  "MSETNX",
                  -3,
                  Keys.PAIRS,
                  plain(StringCommands::msetnx),
                  "The same if none is there"),
              write("INCR", 2, Keys.ONE, plain(StringCommands::incr), "Adds 1"),
              write("DECR", 2, Keys.ONE, plain(StringCommands::decr), "Subtracts 1"),
              write("INCRBY", 3, Keys.ONE, plain(StringCommands::incrby), "Adds an integer"),
              write("DECRBY", 3, Keys.ONE, plain(StringCommands::decrby), "Subtracts an integer"),
              write(
                  "INCRBYFLOAT",
                  3,
                  Keys.ONE,
                  plain(StringCommands::incrbyfloat),
                  "Adds a number")));

  private StringCommands() {}

  private static Command read(
      String name, int arity, Keys keys, Handlers handlers, String summary) {
    return new Command(name, arity, EnumSet.of(READS, FAST), keys, handlers, summary);
  }

  private static Command write(
      String name, int arity, Keys keys, Handlers handlers, String summary) {
    return new Command(name, arity, EnumSet.of(WRITES, FAST), keys, handlers, summary);
  }

  // ---- whole values ----

  private static void bulkOrNil(RespWriter out, byte @Nullable [] value) {
    if (value == null) {
      out.nil();
    } else {
      out.bulk(value);
    }
  }

  private static void get(Call call) {
    bulkOrNil(call.out(), call.plain().text(call.key(1)));
  }

  private static void set(Call call) {
    if (call.size() == 3) {
      call.plain().set(call.key(1), new Text(call.bytes(2)));
      call.out().ok();
      return;
    }
    SetOptions options = SetOptions.ofSet(call, 3);
    Bytes key = call.key(1);
    PlainKeys plain = call.plain();
    Entry<PlainValue> present = plain.peek(key);
    byte[] before =
        options.get() ? PlainKeys.textOf(present == null ? null : present.value()) : null;
    boolean refused = present == null ? options.onlyIfPresent() : options.onlyIfAbsent();
    if (!refused) {
      Text value = new Text(call.bytes(2));
      if (options.hasTime()) {
        plain.set(key, value, options.expiresAt());
      } else if (options.keepTime()) {
        plain.replace(key, present, value);
      } else {
        plain.set(key, value);
      }
    }
    if (options.get()) {
      bulkOrNil(call.out(), before);
    } else if (refused) {
      call.out().nil();
    } else {
      call.out().ok();
    }
  }

  private static void setnx(Call call) {
    Bytes key = call.key(1);
    boolean absent = call.plain().peek(key) == null;
    if (absent) {
      call.plain().set(key, new Text(call.bytes(2)));
    }
    call.out().integer(absent ? 1 : 0);
  }

  private static void setex(Call call) {
    boolean seconds = call.size() == 4 && call.bytes(0).length == "SETEX".length();
    long end = SetOptions.expiresAt(call, 2, seconds, /* absolute= */ false, /* from= */ 1);
    call.plain().set(call.key(1), new Text(call.bytes(3)), end);
    call.out().ok();
  }

  private static void getset(Call call) {
    Bytes key = call.key(1);
    byte[] before = call.plain().text(key);
    call.plain().set(key, new Text(call.bytes(2)));
    bulkOrNil(call.out(), before);
  }

  private static void getdel(Call call) {
    Bytes key = call.key(1);
    byte[] before = call.plain().text(key);
    if (before != null) {
      call.plain().remove(key);
    }
    bulkOrNil(call.out(), before);
  }

  private static void getex(Call call) {
    SetOptions options = SetOptions.ofGetEx(call, 2);
    Bytes key = call.key(1);
    byte[] value = call.plain().text(key);
    if (value != null && (options.hasTime() || options.persist())) {
      call.plain().expire(key, options.hasTime() ? options.timed(call).expiresAt() : Entry.NEVER);
    }
    bulkOrNil(call.out(), value);
  }

  private static void mget(Call call) {
    call.out().array(call.size() - 1);
    for (int i = 1; i < call.size(); i++) {
      PlainValue value = call.plain(i).value(call.key(i));
      bulkOrNil(call.out(), value instanceof Text text ? text.value() : null);
    }
  }

  private static void checkPairs(Call call) {
    if (call.size() % 2 == 0) {
      throw ErrorReply.wrongArity(call.commandName());
    }
  }

  private static void mset(Call call) {
    checkPairs(call);
    for (int i = 1; i < call.size(); i += 2) {
      call.plain(i).set(call.key(i), new Text(call.bytes(i + 1)));
    }
    call.out().ok();
  }

  private static void msetnx(Call call) {
    checkPairs(call);
    for (int i = 1; i < call.size(); i += 2) {
      if (call.plain(i).peek(call.key(i)) != null) {
        call.out().integer(0);
        return;
      }
    }
    for (int i = 1; i < call.size(); i += 2) {
      call.plain(i).set(call.key(i), new Text(call.bytes(i + 1)));
    }
    call.out().integer(1);
  }

  // ---- parts of values ----

  private static void strlen(Call call) {
    byte[] value = call.plain().text(call.key(1));
    call.out().integer(value == null ? 0 : value.length);
  }

  private static void getrange(Call call) {
    long start = call.integer(2);
    long end = call.integer(3);
    byte[] value = call.plain().text(call.key(1));
    int length = value == null ? 0 : value.length;
    if (start < 0 && end < 0 && start > end) {
      length = 0;
    }
    long from = Math.max(0, start < 0 ? start + length : start);
    long to = Math.min(length - 1L, Math.max(0, end < 0 ? end + length : end));
    if (value == null || length == 0 || from > to) {
      call.out().bulk(new byte[0]);
    } else {
      call.out().bulk(Arrays.copyOfRange(value, (int) from, (int) to + 1));
    }
  }

  private static void append(Call call) {
    Bytes key = call.key(1);
    Entry<PlainValue> present = call.plain().find(key);
    byte[] before = present == null ? null : PlainKeys.textOf(present.value());
    byte[] more = call.bytes(2);
    byte[] after = more;
    if (before != null) {
      checkLength(call, (long) before.length + more.length);
      after = Arrays.copyOf(before, before.length + more.length);
      System.arraycopy(more, 0, after, before.length, more.length);
    }
    call.plain().replace(key, present, new Text(after));
    call.out().integer(after.length);
  }

  private static void setrange(Call call) {
    long offset = call.integer(2);
    if (offset < 0) {
      throw new ErrorReply("ERR offset is out of range");
    }
    Bytes key = call.key(1);
    Entry<PlainValue> present = call.plain().find(key);
    byte[] before = present == null ? null : PlainKeys.textOf(present.value());
    int length = before == null ? 0 : before.length;
    byte[] part = call.bytes(3);
    if (part.length == 0) {
      call.out().integer(length);
      return;
    }
    checkLength(call, Math.addExact(Math.min(offset, Integer.MAX_VALUE), part.length));
    int size = Math.max(length, (int) offset + part.length);
    byte[] after = before == null ? new byte[size] : Arrays.copyOf(before, size);
    System.arraycopy(part, 0, after, (int) offset, part.length);
    call.plain().replace(key, present, new Text(after));
    call.out().integer(size);
  }

  private static void checkLength(Call call, long length) {
    long most = Math.min(call.service().limits().maxBulk(), call.plain().options().maximumBytes());
    if (length > most) {
      throw new ErrorReply("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    }
  }

  // ---- numbers ----

  private static void incr(Call call) {
    add(call, 1);
  }

  private static void decr(Call call) {
    add(call, -1);
  }

  private static void incrby(Call call) {
    add(call, call.integer(2));
  }

  private static void decrby(Call call) {
    long number = call.integer(2);
    if (number == Long.MIN_VALUE) {
      throw new ErrorReply("ERR decrement would overflow");
    }
    add(call, -number);
  }

  private static void add(Call call, long more) {
    Bytes key = call.key(1);
    Entry<PlainValue> present = call.plain().find(key);
    byte[] before = present == null ? null : PlainKeys.textOf(present.value());
    long sum = sum(before == null ? 0 : Numbers.integer(before), more);
    call.plain().replace(key, present, new Text(Numbers.text(sum)));
    call.out().integer(sum);
  }

  static long sum(long number, long more) {
    long sum = number + more;
    if (((number ^ sum) & (more ^ sum)) < 0) {
      throw new ErrorReply("ERR increment or decrement would overflow");
    }
    return sum;
  }

  private static void incrbyfloat(Call call) {
    Bytes key = call.key(1);
    Entry<PlainValue> present = call.plain().find(key);
    byte[] before = present == null ? null : PlainKeys.textOf(present.value());
    BigDecimal number =
        before == null
            ? BigDecimal.ZERO
            : Numbers.decimal(before, NOT_A_FLOAT, Numbers.SUM_NOT_FINITE);
    BigDecimal sum =
        number.add(Numbers.decimal(call.bytes(2), NOT_A_FLOAT, Numbers.SUM_NOT_FINITE));
    byte[] after = Bytes.of(Numbers.print(sum)).array();
    call.plain().replace(key, present, new Text(after));
    call.out().bulk(after);
  }
}
