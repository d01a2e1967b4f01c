// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import static io.cachewright.server.Command.Flag.FAST;
import static io.cachewright.server.Command.Flag.READS;
import static io.cachewright.server.Command.Flag.WRITES;
import static io.cachewright.server.Command.both;

import io.cachewright.engine.Entry;
import io.cachewright.server.Command.Keys;
import io.cachewright.server.Plan.Spot;
import io.cachewright.server.Plan.Step;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How long keys stay. Of a row it is the entry in the cache that goes, never the row (P10). */
final class ExpiryCommands {
  private static final long NO_KEY = -2;
  private static final long NO_TIME = -1;

  static final Family FAMILY =
      new Family(
          "Expiry",
          List.of(
              expire("EXPIRE", true, false, "The key goes after some seconds"),
              expire("PEXPIRE", false, false, "The same in milliseconds"),
              expire("EXPIREAT", true, true, "The key goes at this time, in seconds since 1970"),
              expire("PEXPIREAT", false, true, "The same in milliseconds"),
              ask("TTL", ExpiryCommands::seconds, false, "For how many seconds it stays"),
              ask("PTTL", millis -> millis, false, "For how many milliseconds it stays"),
              ask("EXPIRETIME", ExpiryCommands::seconds, true, "When it goes, in seconds"),
              ask("PEXPIRETIME", millis -> millis, true, "When it goes, in milliseconds"),
              new Command(
                  "PERSIST",
                  2,
                  EnumSet.of(WRITES, FAST),
                  Keys.ONE,
                  both(ExpiryCommands::persist, ExpiryCommands::persistRow),
                  "The key stays until it is removed or evicted")));

  private ExpiryCommands() {}

  // ---- EXPIRE ----

  /** Only if the key has no time (NX), has one (XX), has an earlier (GT) or a later one (LT). */
  private record Condition(boolean none, boolean some, boolean later, boolean earlier) {

    static Condition of(Call call) {
      boolean nx = false;
      boolean xx = false;
      boolean gt = false;
      boolean lt = false;
      for (int i = 3; i < call.size(); i++) {
        switch (call.text(i).toUpperCase(Locale.ROOT)) {
          case "NX" -> nx = true;
          case "XX" -> xx = true;
          case "GT" -> gt = true;
          case "LT" -> lt = true;
          default -> throw new ErrorReply("ERR Unsupported option " + call.text(i));
        }
      }
      if (nx && (xx || gt || lt)) {
        throw new ErrorReply("ERR NX and XX, GT or LT options at the same time are not compatible");
      }
      if (gt && lt) {
        throw new ErrorReply("ERR GT and LT options at the same time are not compatible");
      }
      return new Condition(nx, xx, gt, lt);
    }

    /** NEVER is later than any time. */
    boolean allows(long present, long next) {
      boolean has = present != Entry.NEVER;
      return !(none && has)
          && !(some && !has)
          && !(later && (!has || next - present <= 0))
          && !(earlier && has && next - present >= 0);
    }
  }

  private static Command expire(String name, boolean seconds, boolean absolute, String summary) {
    return new Command(
        name,
        -3,
        EnumSet.of(WRITES, FAST),
        Keys.ONE,
        both(
            call -> {
              Condition condition = Condition.of(call);
              long end = SetOptions.expiresAt(call, 2, seconds, absolute, Long.MIN_VALUE);
              Timed key = timed(call.plain(), call.key(1));
              call.out().integer(expire(call.service().clock(), key, condition, end) ? 1 : 0);
            },
            call -> {
              Condition condition = Condition.of(call);
              long end = SetOptions.expiresAt(call, 2, seconds, absolute, Long.MIN_VALUE);
              WallClock clock = call.service().clock();
              return effect(call.spot(1), key -> expire(clock, key, condition, end));
            }),
        summary);
  }

  private static boolean expire(WallClock clock, Timed key, Condition condition, long end) {
    Entry<?> entry = key.peek();
    if (entry == null || entry.value() == null || !condition.allows(entry.expiresAt(), end)) {
      return false;
    }
    return end - clock.nanos() <= 0 ? key.drop() : key.expire(end);
  }

  /** A key whose time is changed: a plain one, or a row of which the cache has an entry. */
  private interface Timed {
    @Nullable Entry<?> peek();

    boolean expire(long end);

    /** Its time is over already. */
    boolean drop();
  }

  private static Timed timed(PlainKeys keys, Bytes key) {
    return new Timed() {
      @Override
      public @Nullable Entry<?> peek() {
        return keys.peek(key);
      }

      @Override
      public boolean expire(long end) {
        return keys.expire(key, end);
      }

      @Override
      public boolean drop() {
        return keys.remove(key);
      }
    };
  }

  private static Timed timed(Spot spot) {
    return new Timed() {
      @Override
      public @Nullable Entry<?> peek() {
        return spot.peek();
      }

      @Override
      public boolean expire(long end) {
        return spot.expire(end);
      }

      @Override
      public boolean drop() {
        return spot.evict(); // the row stays (P10)
      }
    };
  }

  /** Loads the row, then does something to its entry, and answers whether it was done. */
  private static Plan effect(Spot spot, Predicate<Timed> effect) {
    return new Plan(
        List.of(spot),
        /* changes= */ false,
        /* fresh= */ false,
        values -> {
          boolean[] done = new boolean[1];
          return Step.effect(
              () -> done[0] = effect.test(timed(spot)), () -> out -> out.integer(done[0] ? 1 : 0));
        });
  }

  private static void persist(Call call) {
    call.out().integer(persist(timed(call.plain(), call.key(1))) ? 1 : 0);
  }

  private static Plan persistRow(Call call) {
    return effect(call.spot(1), ExpiryCommands::persist);
  }

  private static boolean persist(Timed key) {
    Entry<?> entry = key.peek();
    return entry != null
        && entry.value() != null
        && entry.expiresAt() != Entry.NEVER
        && key.expire(Entry.NEVER);
  }

  // ---- TTL ----

  private static Command ask(
      String name, LongUnaryOperator unit, boolean absolute, String summary) {
    return new Command(
        name,
        2,
        EnumSet.of(READS, FAST),
        Keys.ONE,
        both(
            call ->
                call.out()
                    .integer(
                        time(
                            call.service().clock(),
                            call.plain().find(call.key(1)),
                            unit,
                            absolute)),
            call -> {
              Spot spot = call.spot(1);
              WallClock clock = call.service().clock();
              return Plan.read(
                  spot,
                  row -> {
                    long time = row == null ? NO_KEY : time(clock, spot.peek(), unit, absolute);
                    long shown = row != null && time == NO_KEY ? NO_TIME : time;
                    return out -> out.integer(shown);
                  });
            }),
        summary);
  }

  private static long time(
      WallClock clock, @Nullable Entry<?> entry, LongUnaryOperator unit, boolean absolute) {
    if (entry == null || entry.value() == null) {
      return NO_KEY;
    } else if (entry.expiresAt() == Entry.NEVER) {
      return NO_TIME;
    }
    long end = clock.epochMillis(entry.expiresAt());
    return unit.applyAsLong(absolute ? end : Math.max(0, end - clock.millis()));
  }

  /** Rounded as TTL does. */
  private static long seconds(long millis) {
    return (millis + 500) / 1000;
  }
}
