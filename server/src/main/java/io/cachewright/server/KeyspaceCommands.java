// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.READS;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;
import static io.cachewright.server.Command.plain;

import io.cachewright.NotAllowedException;
import io.cachewright.engine.Space;
import io.cachewright.server.Command.Flag;
import io.cachewright.server.Command.Keys;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** All keys in the cache together. */
final class KeyspaceCommands {
  /** Up to here DBSIZE counts; above it estimates. */
  private static final int COUNTED_MAX = 10_000;

  private static final int SKIPPED_MAX = 1_000;

  static final Family FAMILY =
      new Family(
          "All keys",
          List.of(
              row("KEYS", 2, EnumSet.of(READS), KeyspaceCommands::keys, "Keys of a pattern"),
              row("SCAN", -2, EnumSet.of(READS), KeyspaceCommands::scan, "All keys, in portions"),
              row("RANDOMKEY", 1, EnumSet.of(READS), KeyspaceCommands::randomKey, "Any key"),
              row("DBSIZE", 1, EnumSet.of(READS, FAST), KeyspaceCommands::dbsize, "How many"),
              flush("FLUSHALL"),
              flush("FLUSHDB")));

  private KeyspaceCommands() {}

  private static Command row(
      String name, int arity, Set<Flag> flags, Command.PlainHandler handler, String summary) {
    return new Command(name, arity, flags, Keys.NONE, plain(handler), summary);
  }

  private static Command flush(String name) {
    return new Command(
        name,
        -1,
        EnumSet.of(WRITES),
        Keys.NONE,
        both(call -> {}, KeyspaceCommands::flush),
        "Empties the cache; deletes no row; refused while a record keyspace has keys");
  }

  private static KeyWalk walk(Call call) {
    return new KeyWalk(call.service().catalog(), call.service().clock());
  }

  private static void keys(Call call) {
    Glob glob = new Glob(call.bytes(1));
    List<byte[]> found = new ArrayList<>();
    walk(call)
        .forEachRemaining(
            key -> {
              if (glob.matches(key.name())) {
                found.add(key.name());
              }
            });
    call.out().array(found.size());
    found.forEach(call.out()::bulk);
  }

  private static void scan(Call call) {
    long cursor = FieldScan.cursor(call, 1);
    Glob match = Glob.ALL;
    String type = "";
    int count = 10;
    for (int i = 2; i < call.size(); i += 2) {
      if (i + 1 == call.size()) {
        throw ErrorReply.syntax();
      } else if (call.is(i, "MATCH")) {
        match = new Glob(call.bytes(i + 1));
      } else if (call.is(i, "COUNT")) {
        count = FieldScan.count(call, i + 1);
      } else if (call.is(i, "TYPE")) {
        type = call.text(i + 1);
      } else {
        throw ErrorReply.syntax();
      }
    }
    Scans scans = call.service().scans();
    Iterator<KeyWalk.Key> known = cursor == 0 ? null : scans.take(cursor);
    Iterator<KeyWalk.Key> walk = known == null ? walk(call) : known;
    List<byte[]> found = new ArrayList<>();
    for (int i = 0; i < count && walk.hasNext(); i++) {
      KeyWalk.Key key = walk.next();
      if (match.matches(key.name()) && (type.isEmpty() || type.equalsIgnoreCase(key.type()))) {
        found.add(key.name());
      }
    }
    call.out().array(2);
    call.out().bulk(walk.hasNext() ? Long.toString(scans.keep(call.session(), walk)) : "0");
    call.out().array(found.size());
    found.forEach(call.out()::bulk);
  }

  private static void randomKey(Call call) {
    KeyWalk walk = walk(call);
    int skip = ThreadLocalRandom.current().nextInt(SKIPPED_MAX);
    byte[] chosen = null;
    for (int i = 0; i <= skip && walk.hasNext(); i++) {
      byte[] next = walk.next().name();
      // Whoever comes i-th is chosen with 1/i, so that few keys all have their chance.
      chosen = chosen == null || ThreadLocalRandom.current().nextInt(i + 1) == 0 ? next : chosen;
    }
    HashCommands.bulkOrNil(call.out(), chosen);
  }

  private static void dbsize(Call call) {
    long estimate = 0;
    for (Target target : call.service().catalog().served()) {
      estimate += spaceOf(target).size();
    }
    if (estimate > COUNTED_MAX) {
      call.out().integer(estimate);
      return;
    }
    int count = 0;
    for (KeyWalk walk = walk(call); walk.hasNext(); walk.next()) {
      count++;
    }
    call.out().integer(count);
  }

  static Space<?, ?> spaceOf(Target target) {
    if (target instanceof TableKeyspace table) {
      return table.space();
    }
    return ((PlainKeyspace) target).space();
  }

  /** After the writes before it, which are not to come back. */
  private static Plan flush(Call call) {
    if (call.size() > 2 || (call.size() == 2 && !call.is(1, "ASYNC") && !call.is(1, "SYNC"))) {
      throw ErrorReply.syntax();
    }
    List<Target> targets = call.service().catalog().served();
    for (Target target : targets) {
      Space<?, ?> space = spaceOf(target);
      if (space.pattern().isRecord() && space.size() > 0) {
        throw new NotAllowedException(
            "keyspace "
                + space.name()
                + " is record: nothing stands behind it, and its "
                + space.size()
                + " keys would be lost, so nothing was dropped. CW.CLEAR "
                + space.name()
                + " removes them for good; CW.EVICT drops keys of others");
      }
    }
    targets.removeIf(target -> spaceOf(target).pattern().isRecord());
    return Plan.effect(
        () -> targets.forEach(target -> spaceOf(target).evictAll()), () -> RespWriter::ok);
  }
}
