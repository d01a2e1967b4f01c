// SPDX-License-Identifier: Apache-2.0
package io.cachewright.server;

import io.cachewright.server.Command.Flag;
import java.util.List;

/** Makes {@code docs/commands.md} from the table of commands. */
final class CommandDocs {
  private CommandDocs() {}

  static String markdown(List<Family> families) {
    StringBuilder page =
        new StringBuilder(
            """
            # Commands

            Made from the table of commands; a test checks that it is current.

            *Words* is how many words the command has, its name included; -4 means four or more.
            *Rows* tells whether it works on rows of tables too, not only on plain keys.
            """);
    for (Family family : families) {
      page.append("\n## ")
          .append(family.title())
          .append("\n\n| command | words | | rows | |\n| --- | --- | --- | --- | --- |\n");
      for (Command command : family.commands()) {
        page.append("| `")
            .append(command.name())
            .append("` | ")
            .append(command.arity())
            .append(" | ")
            .append(command.is(Flag.WRITES) ? "writes" : command.is(Flag.READS) ? "reads" : "")
            .append(" | ")
            .append(command.table() == null ? "" : "yes")
            .append(" | ")
            .append(command.summary())
            .append(" |\n");
      }
    }
    return page.toString();
  }
}
