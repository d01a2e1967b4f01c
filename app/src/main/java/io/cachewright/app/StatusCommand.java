// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Asks a running server how it goes. */
@Command(
    name = "status",
    header = {"Ask a running server how it goes.", ""},
    description = {
      "Prints the figures of each keyspace since the start, and of write-behind ones and"
          + " mirrors how far the database has got, and why not further: what `CW.KEYSPACES` and"
          + " `CW.INFO` answer to a Redis client."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  cachewright status",
      "  cachewright status --config cachewright.yaml",
      "  cachewright status --listen 10.0.0.7:6380"
    })
final class StatusCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("entries", "hits", "misses", "writes", "write-errors");
  private static final Set<String> LEFT_TO_INFO =
      Set.of(
          "entries",
          "hits",
          "misses",
          "writes",
          "write-errors",
          "loads",
          "loaded-keys",
          "load-errors",
          "evictions");

  private final Console console;

  @Mixin private Remote.Where where;

  StatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<List<String>> rows = new ArrayList<>();
    List<String> titles = new ArrayList<>(List.of("keyspace", "pattern"));
    titles.addAll(COLUMNS);
    rows.add(titles);
    List<String> more = new ArrayList<>();
    try (Remote remote = where.connect(console)) {
      Map<String, @Nullable Object> figures = Remote.map(remote.ask("CW.INFO"));
      for (Object each : Remote.list(remote.ask("CW.KEYSPACES"))) {
        Map<String, @Nullable Object> keyspace = Remote.map(each);
        String name = Remote.text(keyspace.get("name"));
        if (keyspace.containsKey("unavailable")) {
          more.add(name + " is not served: " + Remote.text(keyspace.get("unavailable")));
          continue;
        }
        Map<String, @Nullable Object> its = Remote.map(figures.get(name));
        String pattern = Remote.text(keyspace.get("pattern"));
        rows.add(row(name, pattern, its));
        if (its.containsKey("lag-changes")) {
          boolean isMirror = !pattern.equals(Pattern.WRITE_BEHIND.word());
          more.add(name + (isMirror ? ", its mirror: " : ": ") + behind(its));
        }
        if (keyspace.containsKey("failing")) {
          more.add(name + " fails: " + Remote.text(keyspace.get("failing")));
        }
      }
    }
    Remote.print(console, rows);
    if (!more.isEmpty()) {
      console.out().println();
      more.forEach(console.out()::println);
    }
    return Failure.OK;
  }

  private static List<String> row(
      String name, String pattern, Map<String, @Nullable Object> figures) {
    List<String> row = new ArrayList<>(List.of(name, pattern));
    COLUMNS.forEach(column -> row.add(Remote.text(figures.get(column))));
    return row;
  }

  /** The figures that only write-behind keyspaces and mirrors have, whatever they are. */
  private static String behind(Map<String, @Nullable Object> figures) {
    List<String> told = new ArrayList<>();
    figures.forEach(
        (name, value) -> {
          if (!LEFT_TO_INFO.contains(name)) {
            told.add(name + " " + Remote.text(value));
          }
        });
    return String.join(", ", told);
  }
}
