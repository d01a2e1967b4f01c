// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.READS;
import static io.cachewright.server.Command.Flag.SUBCOMMANDS;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;

import io.cachewright.NotAllowedException;
import io.cachewright.engine.Entry;
import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.PlainValue.Hash;
import io.cachewright.server.PlainValue.Text;
import io.cachewright.server.Plan.Spot;
import io.cachewright.server.Plan.Step;
import io.cachewright.store.Written;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keys, whatever their values are; their times are in {@link ExpiryCommands}. */
final class KeyCommands {
  private static final int EMBEDDED_MAX = 44;
  private static final int LISTPACK_FIELDS_MAX = 128;
  private static final int LISTPACK_BYTES_MAX = 64;
  private static final Set<Flag> READ = EnumSet.of(READS, FAST);
  private static final Set<Flag> WRITE = EnumSet.of(WRITES);

  static final Family FAMILY =
      new Family(
          "Keys",
          List.of(
              new Command(
                  "DEL",
                  -2,
                  WRITE,
                  Keys.ALL,
                  both(KeyCommands::del, KeyCommands::removeAll),
                  "Removes keys; rows too, under write-through and write-behind"),
              new Command(
                  "UNLINK",
                  -2,
                  EnumSet.of(WRITES, FAST),
                  Keys.ALL,
                  both(KeyCommands::del, KeyCommands::removeAll),
                  "The same as DEL"),
              new Command(
                  "EXISTS",
                  -2,
                  READ,
                  Keys.ALL,
                  both(KeyCommands::exists, KeyCommands::countAll),
                  "How many of the keys are there"),
              new Command(
                  "TOUCH",
                  -2,
                  READ,
                  Keys.ALL,
                  both(KeyCommands::exists, KeyCommands::countAll),
                  "The same as EXISTS: reading a key keeps it in the cache"),
              new Command(
                  "TYPE",
                  2,
                  READ,
                  Keys.ONE,
                  both(KeyCommands::type, KeyCommands::typeOfRow),
                  "string, hash or none"),
              new Command(
                  "RENAME",
                  3,
                  WRITE,
                  Keys.TWO,
                  both(KeyCommands::rename, KeyCommands::refuseRename),
                  "Renames a plain key"),
              new Command(
                  "RENAMENX",
                  3,
                  EnumSet.of(WRITES, FAST),
                  Keys.TWO,
                  both(KeyCommands::renamenx, KeyCommands::refuseRename),
                  "The same unless the new name is taken"),
              new Command(
                  "OBJECT",
                  -2,
                  EnumSet.of(READS, SUBCOMMANDS),
                  Keys.SECOND,
                  both(KeyCommands::object, KeyCommands::objectOfRow),
                  "ENCODING, FREQ, IDLETIME, REFCOUNT, as clients expect them")));

  private KeyCommands() {}

  // ---- there or not ----

  private static void del(Call call) {
    int removed = 0;
    for (int i = 1; i < call.size(); i++) {
      removed += call.plain(i).remove(call.key(i)) ? 1 : 0;
    }
    call.out().integer(removed);
  }

  /**
   * All of them in one transaction, without reading first. Under write-behind a row that is not in
   * the cache is counted as removed: the database is not asked.
   */
  private static Plan removeAll(Call call) {
    return Plan.write(
        new Step(
            call.spots().stream().map(Spot::remove).toList(),
            () -> {},
            written -> {
              long removed = written.stream().filter(Written::existed).count();
              return out -> out.integer(removed);
            }));
  }

  private static void exists(Call call) {
    int there = 0;
    for (int i = 1; i < call.size(); i++) {
      there += call.plain(i).find(call.key(i)) == null ? 0 : 1;
    }
    call.out().integer(there);
  }

  private static Plan countAll(Call call) {
    return Plan.readAll(
        call.spots(),
        values -> {
          long there = values.stream().filter(Objects::nonNull).count();
          return out -> out.integer(there);
        });
  }

  private static void type(Call call) {
    PlainValue value = call.plain().value(call.key(1));
    call.out().simple(value == null ? "none" : value.type());
  }

  private static Plan typeOfRow(Call call) {
    TableKeyspace table = (TableKeyspace) call.target(1);
    String type = table.format() == Catalog.Format.HASH ? "hash" : "string";
    return Plan.read(
        table.spot(call.bytes(1)), row -> out -> out.simple(row == null ? "none" : type));
  }

  // ---- names ----

  private static void rename(Call call) {
    move(call);
    call.out().ok();
  }

  private static void renamenx(Call call) {
    if (call.plain().find(call.key(1)) == null) {
      throw noSuchKey();
    }
    boolean free = call.plain(2).peek(call.key(2)) == null;
    if (free) {
      move(call);
    }
    call.out().integer(free ? 1 : 0);
  }

  private static ErrorReply noSuchKey() {
    return new ErrorReply("ERR no such key");
  }

  private static void move(Call call) {
    Entry<PlainValue> entry = call.plain().find(call.key(1));
    PlainValue value = entry == null ? null : entry.value();
    if (entry == null || value == null) {
      throw noSuchKey();
    }
    call.plain().remove(call.key(1));
    call.plain(2).set(call.key(2), value, entry.expiresAt());
  }

  private static Plan refuseRename(Call call) {
    throw new NotAllowedException(
        "a row keeps its key: "
            + call.text(1)
            + " cannot be renamed to "
            + call.text(2)
            + ". Write a new row and delete the old one");
  }

  // ---- OBJECT ----

  private static void object(Call call) {
    if (call.is(1, "HELP")) {
      Subcommands.help(call);
      return;
    }
    Entry<PlainValue> entry = call.plain(2).find(call.key(2));
    writeObject(call.text(1), call.out(), entry == null ? null : encoding(entry.value()));
  }

  private static Plan objectOfRow(Call call) {
    TableKeyspace table = (TableKeyspace) call.target(2);
    String encoding = table.format() == Catalog.Format.HASH ? "hashtable" : "raw";
    String what = call.text(1);
    return Plan.read(
        table.spot(call.bytes(2)),
        row -> out -> writeObject(what, out, row == null ? null : encoding));
  }

  private static void writeObject(String what, RespWriter out, @Nullable String encoding) {
    if (encoding == null) {
      out.nil();
    } else if (what.equalsIgnoreCase("ENCODING")) {
      out.bulk(encoding);
    } else if (what.equalsIgnoreCase("FREQ")) {
      out.error(
          "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please"
              + " note that when switching between policies at runtime LRU and LFU data will"
              + " take some time to adjust.");
    } else {
      out.integer(what.equalsIgnoreCase("REFCOUNT") ? 1 : 0);
    }
  }

  /** What Redis would call it. */
  private static String encoding(@Nullable PlainValue value) {
    if (value instanceof Text text) {
      byte[] bytes = text.value();
      return Numbers.isInteger(bytes) ? "int" : bytes.length <= EMBEDDED_MAX ? "embstr" : "raw";
    }
    boolean small =
        value instanceof Hash hash
            && hash.size() <= LISTPACK_FIELDS_MAX
            && hash.fields().entrySet().stream()
                .allMatch(
                    field ->
                        field.getKey().length() <= LISTPACK_BYTES_MAX
                            && field.getValue().length <= LISTPACK_BYTES_MAX);
    return small ? "listpack" : "hashtable";
  }
}
