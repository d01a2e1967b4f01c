// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the second word of some commands may be. It is looked at before a command is queued in
 * MULTI, as in Redis.
 */
final class Subcommands {
  private static final Map<String, List<Subcommand>> OF =
      Map.of(
          "CLIENT",
          List.of(
              new Subcommand("GETNAME", 2),
              new Subcommand("ID", 2),
              new Subcommand("INFO", 2),
              new Subcommand("LIST [TYPE <type> | ID <id> ...]", -2),
              new Subcommand("NO-EVICT (ON|OFF)", 3),
              new Subcommand("NO-TOUCH (ON|OFF)", 3),
              new Subcommand("REPLY (ON|OFF|SKIP)", 3),
              new Subcommand("SETINFO (LIB-NAME|LIB-VER) <value>", 4),
              new Subcommand("SETNAME <name>", 3)),
          "COMMAND",
          List.of(
              new Subcommand("COUNT", 2),
              new Subcommand("DOCS [<name> ...]", -2),
              new Subcommand("INFO [<name> ...]", -2),
              new Subcommand("LIST [FILTERBY MODULE|PATTERN <it>]", -2)),
          "CONFIG",
          List.of(new Subcommand("GET <pattern> [<pattern> ...]", -3)),
          "OBJECT",
          List.of(
              new Subcommand("ENCODING <key>", 3),
              new Subcommand("FREQ <key>", 3),
              new Subcommand("IDLETIME <key>", 3),
              new Subcommand("REFCOUNT <key>", 3)));

  /** Those that are known, and say why they are refused; HELP does not name them. */
  private static final Map<String, List<Subcommand>> REFUSED =
      Map.of(
          "CONFIG",
          List.of(
              new Subcommand("RESETSTAT", 2),
              new Subcommand("REWRITE", 2),
              new Subcommand("SET <parameter> <value>", -4)));

  private static final Subcommand HELP = new Subcommand("HELP", 2);

  /**
   * One of them.
   *
   * @param usage its word, and what follows it
   * @param arity how many words there are then: as {@link Command#arity}
   */
  private record Subcommand(String usage, int arity) {

    boolean is(String word) {
      return usage.split(" ", 2)[0].equalsIgnoreCase(word);
    }
  }

  private Subcommands() {}

  /** What is wrong with a command of these words; null if nothing is. */
  static @Nullable ErrorReply wrong(Command command, byte[][] words) {
    if (words.length < 2) {
      return null;
    }
    String word = new String(words[1], StandardCharsets.UTF_8);
    Subcommand meant = meant(command.name(), word);
    if (meant == null) {
      return new ErrorReply(
          "ERR unknown subcommand '" + word + "'. Try " + command.name() + " HELP.");
    }
    return Command.accepts(meant.arity(), words.length)
        ? null
        : ErrorReply.wrongArity(command.lowerName() + "|" + word.toLowerCase(Locale.ROOT));
  }

  private static @Nullable Subcommand meant(String command, String word) {
    for (List<Subcommand> some :
        List.of(of(command), REFUSED.getOrDefault(command, List.of()), List.of(HELP))) {
      for (Subcommand each : some) {
        if (each.is(word)) {
          return each;
        }
      }
    }
    return null;
  }

  private static List<Subcommand> of(String command) {
    return OF.getOrDefault(command, List.of());
  }

  /** Answers HELP. */
  static void help(Call call) {
    String command = call.commandName().toUpperCase(Locale.ROOT);
    RespWriter out = call.out();
    out.array(of(command).size() + 2);
    out.simple(command + " <subcommand> [<arg> ...]. Subcommands are:");
    of(command).forEach(each -> out.simple(each.usage()));
    out.simple(HELP.usage());
  }
}
