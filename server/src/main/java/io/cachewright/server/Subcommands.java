// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the second word of some commands may be, with how many words there are then: as {@link
 * Command#arity}. It is looked at before a command is queued in MULTI, as in Redis.
 */
final class Subcommands {
  private static final Map<String, Map<String, Integer>> ARITIES =
      Map.of(
          "CLIENT",
          Map.of(
              "GETNAME",
              2,
              "HELP",
              2,
              "ID",
              2,
              "INFO",
              2,
              "LIST",
              -2,
              "NO-EVICT",
              3,
              "NO-TOUCH",
              3,
              "REPLY",
              3,
              "SETINFO",
              4,
              "SETNAME",
              3),
          "COMMAND",
          Map.of("COUNT", 2, "DOCS", -2, "HELP", 2, "INFO", -2, "LIST", -2),
          "CONFIG",
          Map.of("GET", -3, "HELP", 2, "RESETSTAT", 2, "REWRITE", 2, "SET", -4),
          "OBJECT",
          Map.of("ENCODING", 3, "FREQ", 3, "HELP", 2, "IDLETIME", 3, "REFCOUNT", 3));

  private Subcommands() {}

  /** What is wrong with a command of these words; null if nothing is. */
  static @Nullable ErrorReply wrong(Command command, byte[][] words) {
    Map<String, Integer> arities = ARITIES.get(command.name());
    if (arities == null || words.length < 2) {
      return null;
    }
    String word = new String(words[1], StandardCharsets.UTF_8);
    Integer arity = arities.get(word.toUpperCase(Locale.ROOT));
    if (arity == null) {
      return new ErrorReply(
          "ERR unknown subcommand '" + word + "'. Try " + command.name() + " HELP.");
    }
    return Command.accepts(arity, words.length)
        ? null
        : ErrorReply.wrongArity(command.lowerName() + "|" + word.toLowerCase(Locale.ROOT));
  }

  /** Answers HELP. */
  static void help(Call call, List<String> subcommands) {
    call.out().array(subcommands.size() + 2);
    call.out()
        .simple(
            call.commandName().toUpperCase(Locale.ROOT)
                + " <subcommand> [<arg> ...]. Subcommands are:");
    subcommands.forEach(call.out()::simple);
    call.out().simple("HELP");
  }
}
