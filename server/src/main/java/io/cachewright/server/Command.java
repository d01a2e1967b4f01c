// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command: one row of the table that {@code COMMAND}, {@code docs/commands.md} and the dispatch
 * are made from.
 *
 * @param name in capitals
 * @param arity how many words, the name included; -4 means four or more, as in Redis
 * @param keys which words are keys
 * @param summary one line for {@code docs/commands.md}
 */
record Command(
    String name, int arity, Set<Flag> flags, Keys keys, Handlers handlers, String summary) {

  /** What is to be known of a command before it runs. */
  enum Flag {
    /** Reads keys. */
    READS("readonly"),
    /** Changes keys. On plain keys it runs under the engine's write lock. */
    WRITES("write"),
    /** Costs the same however large the key is. */
    FAST("fast"),
    /** Can be sent before login. */
    BEFORE_LOGIN("no_auth"),
    /** Runs between MULTI and EXEC rather than being queued there. */
    NOT_QUEUED(""),
    /** Is refused between MULTI and EXEC. */
    NOT_IN_MULTI("no_multi"),
    /** Its second word is one of {@link Subcommands}. */
    SUBCOMMANDS(""),
    /** About the server rather than its data. */
    ADMIN("admin");

    /** As {@code COMMAND} says it; empty if Redis has no word for it. */
    final String word;

    Flag(String word) {
      this.word = word;
    }
  }

  /**
   * Which words of a command are keys.
   *
   * @param first the first one's place; 0 if there are none
   * @param last the last one's place; -1 is the last word
   * @param step from one to the next
   */
  record Keys(int first, int last, int step) {
    static final Keys NONE = new Keys(0, 0, 0);
    static final Keys ONE = new Keys(1, 1, 1);
    static final Keys TWO = new Keys(1, 2, 1);
    static final Keys ALL = new Keys(1, -1, 1);
    static final Keys PAIRS = new Keys(1, -1, 2);
    static final Keys SECOND = new Keys(2, 2, 1);

    /** The place of the last key in a command of so many words. */
    int lastOf(int words) {
      return last < 0 ? words + last : last;
    }
  }

  /** Runs a command at once and writes its reply. */
  @FunctionalInterface
  interface PlainHandler {
    void run(Call call);
  }

  /** Makes the plan of a command on rows. */
  @FunctionalInterface
  interface TableHandler {
    Plan plan(Call call);
  }

  /**
   * What a command does.
   *
   * @param plain to plain keys, or if it has no keys
   * @param table to rows; null if rows do not have it
   */
  record Handlers(PlainHandler plain, @Nullable TableHandler table) {}

  /** Of a command that does the same whether rows are concerned or not. */
  static Handlers plain(PlainHandler plain) {
    return new Handlers(plain, null);
  }

  /** Of a command on plain keys and rows. */
  static Handlers both(PlainHandler plain, TableHandler table) {
    return new Handlers(plain, table);
  }

  PlainHandler plain() {
    return handlers.plain();
  }

  @Nullable TableHandler table() {
    return handlers.table();
  }

  /** As Redis writes it in errors. */
  String lowerName() {
    return name.toLowerCase(Locale.ROOT);
  }

  boolean is(Flag flag) {
    return flags.contains(flag);
  }

  /** What is wrong with its words, whatever they mean; null if nothing is. */
  @Nullable ErrorReply wrong(byte[][] words) {
    if (!accepts(arity, words.length)) {
      return ErrorReply.wrongArity(lowerName());
    }
    return is(Flag.SUBCOMMANDS) ? Subcommands.wrong(this, words) : null;
  }

  static boolean accepts(int arity, int words) {
    return arity < 0 ? words >= -arity : words == arity;
  }
}
