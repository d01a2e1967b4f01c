// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.CacheException;
import io.cachewright.ConfigurationException;
import io.cachewright.app.config.BadConfiguration;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line. An error is one paragraph on stderr that says what, where and what to do; a
 * stack trace only with {@code --verbose}.
 */
@Command(
    name = "cachewright",
    description = {
      "A cache in front of a SQL database that takes over its reads and its writes.",
      "Applications reach it with any Redis client."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:It did what was asked.",
      "1:It failed: no database, a port that is taken, a problem that `check` or `journal` found.",
      "2:Wrong options, or a configuration that cannot be used.",
      "130, 143:It was stopped by Ctrl-C or SIGTERM, in good order."
    },
    footer = {
      "",
      "Examples:",
      "  cachewright demo                          # the patterns side by side",
      "  cachewright serve --database postgresql://app:secret@localhost/shop",
      "  redis-cli -p 6380 HGETALL customers:42    # row 42 of table customers",
      "",
      "`cachewright COMMAND --help` tells more, with examples."
    },
    subcommands = {
      ServeCommand.class,
      DemoCommand.class,
      InitCommand.class,
      CheckCommand.class,
      StatusCommand.class,
      ParkedCommand.class,
      JournalCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "With an error print where in the program it came from.")
  private boolean verbose;

  private Main(Console console) {
    this.console = console;
  }

  public static void main(String... args) {
    System.exit(run(Console.ofProcess(), args));
  }

  /** Runs a command; answers its exit code. */
  static int run(Console console, String... args) {
    Main main = new Main(console);
    CommandLine commands = new CommandLine(main, new Commands(console));
    commands.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    commands.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    commands.setUsageHelpAutoWidth(true);
    commands.setUsageHelpLongOptionsMaxWidth(24);
    commands.setParameterExceptionHandler((error, given) -> main.wrongOptions(error));
    commands.setExecutionExceptionHandler((error, command, result) -> main.failed(error));
    return commands.execute(args);
  }

  /** Makes the commands, and hands them the console. */
  private record Commands(Console console) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      if (type == ServeCommand.class) {
        return type.cast(new ServeCommand(console));
      } else if (type == DemoCommand.class) {
        return type.cast(new DemoCommand(console));
      } else if (type == InitCommand.class) {
        return type.cast(new InitCommand(console));
      } else if (type == CheckCommand.class) {
        return type.cast(new CheckCommand(console));
      } else if (type == StatusCommand.class) {
        return type.cast(new StatusCommand(console));
      } else if (type == ParkedCommand.class) {
        return type.cast(new ParkedCommand(console));
      } else if (type == JournalCommand.Inspect.class) {
        return type.cast(new JournalCommand.Inspect(console));
      }
      return CommandLine.defaultFactory().create(type);
    }
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? There are serve, demo, init, check, status, parked and journal");
  }

  private int wrongOptions(ParameterException error) {
    String name = error.getCommandLine().getCommandSpec().qualifiedName();
    String message = String.valueOf(error.getMessage()).strip();
    if (error instanceof CommandLine.UnmatchedArgumentException unmatched) {
      message = "there is no " + String.join(" ", unmatched.getUnmatched());
      List<String> near = unmatched.getSuggestions();
      message += near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    }
    String end = message.endsWith("?") || message.endsWith(".") ? "" : ".";
    console.err().println("cachewright: " + message + end + " See `" + name + " --help`.");
    return Failure.WRONG_USE;
  }

  private int failed(Exception error) {
    console.err().println(told(error));
    if (verbose) {
      error.printStackTrace(console.err());
    }
    return error instanceof Failure failure
        ? failure.exitCode()
        : error instanceof BadConfiguration || error instanceof ConfigurationException
            ? Failure.WRONG_USE
            : Failure.FAILED;
  }

  private String told(Exception error) {
    if (error instanceof BadConfiguration bad) {
      int count = bad.problems().size();
      return count == 1
          ? "cachewright: " + bad.getMessage()
          : "cachewright: " + count + " problems in the configuration\n" + bad.getMessage();
    } else if (error instanceof Failure || error instanceof CacheException) {
      return "cachewright: " + error.getMessage();
    }
    return "cachewright: unexpected: "
        + error
        + (verbose ? "" : ". This is a bug; --verbose prints what a report of it needs");
  }
}
