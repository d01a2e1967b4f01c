// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.engine.Entry;
import java.util.Locale;

/**
 * What may follow the value in SET, or the key in GETEX.
 *
 * @param onlyIfAbsent NX
 * @param onlyIfPresent XX
 * @param get GET: the reply is the value before
 * @param keepTime KEEPTTL
 * @param persist PERSIST
 * @param timeAt the place of EX, PX, EXAT or PXAT; 0 if none is there
 * @param expiresAt what that says, in the engine's nanoseconds, once it is {@link #timed}
 */
record SetOptions(
    boolean onlyIfAbsent,
    boolean onlyIfPresent,
    boolean get,
    boolean keepTime,
    boolean persist,
    int timeAt,
    long expiresAt) {

  private static final SetOptions NONE = new SetOptions(false, false, false, false, false, 0, 0);

  boolean hasTime() {
    return timeAt != 0;
  }

  /** Of SET, from this word on. */
  static SetOptions ofSet(Call call, int from) {
    if (from == call.size()) {
      return NONE;
    }
    SetOptions options = parse(call, from);
    boolean contradicts =
        (options.onlyIfAbsent && options.onlyIfPresent)
            || (options.keepTime && options.hasTime())
            || options.persist;
    if (contradicts) {
      throw ErrorReply.syntax();
    }
    return options.timed(call);
  }

  /** Of GETEX, from this word on. Not timed: of a key that is not there no time is wrong. */
  static SetOptions ofGetEx(Call call, int from) {
    SetOptions options = parse(call, from);
    boolean contradicts =
        options.onlyIfAbsent
            || options.onlyIfPresent
            || options.get
            || options.keepTime
            || (options.persist && options.hasTime());
    if (contradicts) {
      throw ErrorReply.syntax();
    }
    return options;
  }

  private static SetOptions parse(Call call, int from) {
    boolean absent = false;
    boolean present = false;
    boolean get = false;
    boolean keep = false;
    boolean persist = false;
    int timeAt = 0;
    for (int i = from; i < call.size(); i++) {
      switch (call.text(i).toUpperCase(Locale.ROOT)) {
        case "NX" -> absent = true;
        case "XX" -> present = true;
        case "GET" -> get = true;
        case "KEEPTTL" -> keep = true;
        case "PERSIST" -> persist = true;
        case "EX", "PX", "EXAT", "PXAT" -> {
          if (timeAt != 0 || i + 1 == call.size()) {
            throw ErrorReply.syntax();
          }
          timeAt = i++;
        }
        default -> throw ErrorReply.syntax();
      }
    }
    return new SetOptions(absent, present, get, keep, persist, timeAt, 0);
  }

  /** With the time, if one is said. Redis looks at it when all the rest is right. */
  SetOptions timed(Call call) {
    if (!hasTime()) {
      return this;
    }
    String unit = call.text(timeAt).toUpperCase(Locale.ROOT);
    boolean seconds = unit.startsWith("E");
    long end = expiresAt(call, timeAt + 1, seconds, unit.endsWith("AT"), /* from= */ 1);
    return new SetOptions(onlyIfAbsent, onlyIfPresent, get, keepTime, persist, timeAt, end);
  }

  /**
   * The end that a word says.
   *
   * @param seconds whether it is in seconds, else in milliseconds
   * @param absolute whether it is a time of day, else from now on
   * @param from the least that is allowed
   */
  static long expiresAt(Call call, int word, boolean seconds, boolean absolute, long from) {
    long number = call.integer(word);
    WallClock clock = call.service().clock();
    try {
      if (number < from) {
        throw new ArithmeticException();
      }
      long millis = seconds ? Math.multiplyExact(number, 1000L) : number;
      long epochMillis = absolute ? millis : Math.addExact(millis, clock.millis());
      return clock.expiresAt(epochMillis);
    } catch (ArithmeticException e) {
      throw new ErrorReply("ERR invalid expire time in '" + call.commandName() + "' command");
    }
  }

  /** The end of an entry that is written over another. */
  long endOver(long present) {
    return hasTime() ? expiresAt : keepTime ? present : Entry.NEVER;
  }
}
