// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app;

import io.cachewright.journal.Disk;
import io.cachewright.journal.FileDisk;
import io.cachewright.journal.JournalInspection;
import io.cachewright.journal.JournalInspection.Damage;
import io.cachewright.journal.JournalInspection.Segment;
import io.cachewright.journal.JournalInspection.SnapshotFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks at a journal. */
@Command(
    name = "journal",
    header = {"Look at a journal, and cut it where it is damaged.", ""},
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    subcommands = JournalCommand.Inspect.class)
final class JournalCommand implements Runnable {
  private static final String DATA_VARIABLE = "CACHEWRIGHT_DATA";
  private static final String DATA_DEFAULT = "./cachewright-data";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command? There is inspect");
  }

  /** Lists, checks and, if told where, cuts. */
  @Command(
      name = "inspect",
      header = {"List the segments and snapshots of a journal, and check every byte.", ""},
      description = {
        "The journal is in the directory `journal` of the data directory. Looking changes nothing,"
            + " and a server may be running.",
        "",
        "A write that a crash interrupted (torn) is no damage: the next start cuts it, and nothing"
            + " that was acknowledged is lost. Damage is what the disk has lost or changed since. A"
            + " server refuses to start on it, for all that comes behind would be lost: first try"
            + " to get the file back from a backup or another disk. If there is none, --cut ends"
            + " the journal before the damage. What is cut is kept in files that end in .cut.",
        "",
        "Exit code 1 if there is damage."
      },
      mixinStandardHelpOptions = true,
      sortOptions = false,
      optionListHeading = "%nOptions:%n",
      footer = {
        "",
        "Examples:",
        "  cachewright journal inspect --data /var/lib/cachewright",
        "  cachewright journal inspect --data data --cut 0000000000000001.journal:8192"
      })
  static final class Inspect implements Callable<Integer> {
    private final Console console;

    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "The data directory. Default $" + DATA_VARIABLE + ", else " + DATA_DEFAULT)
    private @Nullable Path data;

    @Option(
        names = "--cut",
        paramLabel = "SEGMENT:OFFSET",
        description =
            "End the journal there: only where this command says that it is damaged, and only while"
                + " no server has it open.")
    private @Nullable String cut;

    Inspect(Console console) {
      this.console = console;
    }

    @Override
    public Integer call() {
      Path directory = data();
      Path journal = directory.resolve("journal");
      if (!Files.isDirectory(journal)) {
        throw Failure.failed(
            "there is no journal in " + directory + "; --data names the data directory");
      }
      Disk disk = new FileDisk(journal);
      if (cut != null) {
        List<String> kept = JournalInspection.cut(disk, cut);
        console
            .out()
            .println("cut at " + cut + "; what was cut is in " + String.join(", ", kept) + "\n");
      }
      JournalInspection inspection = JournalInspection.of(disk);
      if (ahead(inspection, lastOf(inspection)) != null) {
        inspection = JournalInspection.of(disk); // a server took it between two looks
      }
      console.out().println(journal);
      print(inspection.segments());
      List<SnapshotFile> snapshots = inspection.snapshots();
      printSnapshots(snapshots);
      Damage damage = inspection.damage();
      boolean whole = snapshots.stream().allMatch(snapshot -> snapshot.damage().isEmpty());
      long last = damage == null ? lastOf(inspection) : damage.lastSequence();
      SnapshotFile ahead = ahead(inspection, last);
      if (damage == null && whole && ahead == null) {
        console.out().println("all is well");
        return Failure.OK;
      }
      snapshots.stream()
          .map(SnapshotFile::damage)
          .filter(what -> !what.isEmpty())
          .forEach(console.out()::println);
      if (damage != null) {
        explain(damage, directory);
      }
      if (ahead != null) {
        explain(ahead, last, /* afterCut= */ damage != null);
      }
      return Failure.FAILED;
    }

    private static long lastOf(JournalInspection inspection) {
      List<Segment> segments = inspection.segments();
      if (segments.isEmpty()) {
        return 0;
      }
      Segment last = segments.get(segments.size() - 1);
      return last.firstSequence() + last.records() - 1;
    }

    /** The newest snapshot, if it has what comes behind that number: a server refuses both. */
    private static @Nullable SnapshotFile ahead(JournalInspection inspection, long last) {
      return inspection.snapshots().stream()
          .max(Comparator.comparing(SnapshotFile::name))
          .filter(snapshot -> snapshot.to() > last)
          .orElse(null);
    }

    private void explain(SnapshotFile ahead, long last, boolean afterCut) {
      console
          .out()
          .println(
              (afterCut ? "Then " : "")
                  + ahead.name()
                  + " cannot be used, and a server does not start: it reaches to number "
                  + ahead.to()
                  + ", and the journal ends with number "
                  + last
                  + ". Put the missing segments back, from a backup or from files that end in "
                  + JournalInspection.CUT_SUFFIX
                  + "; or move the snapshot away, and what it held is lost.");
    }

    private Path data() {
      return data != null
          ? data
          : Path.of(console.environment().getOrDefault(DATA_VARIABLE, DATA_DEFAULT));
    }

    private void print(List<Segment> segments) {
      String format = "%-24s  %12s  %12s  %10s  %12s  %12s  %s";
      line(format, "segment", "first", "last", "records", "bytes", "of", "state");
      for (Segment segment : segments) {
        long last = segment.firstSequence() + segment.records() - 1;
        line(
            format,
            segment.name(),
            segment.firstSequence(),
            segment.records() == 0 ? "-" : last,
            segment.records(),
            segment.bytes(),
            segment.fileBytes(),
            segment.state().name().toLowerCase(Locale.ROOT));
      }
      console.out().println();
    }

    private void printSnapshots(List<SnapshotFile> snapshots) {
      if (snapshots.isEmpty()) {
        return;
      }
      String format = "%-25s  %12s  %12s  %10s  %12s  %s";
      line(format, "snapshot", "from", "to", "blocks", "bytes", "state");
      for (SnapshotFile snapshot : snapshots) {
        boolean known = snapshot.to() >= 0;
        line(
            format,
            snapshot.name(),
            snapshot.from(),
            known ? snapshot.to() : "-",
            known ? snapshot.count() : "-",
            snapshot.bytes(),
            snapshot.damage().isEmpty() ? "whole" : "damaged");
      }
      console.out().println();
    }

    private void line(String format, Object... columns) {
      console.out().println(String.format(Locale.ROOT, format, columns));
    }

    private void explain(Damage damage, Path directory) {
      console.out().println("damaged at " + damage.place() + ": " + damage.what());
      console
          .out()
          .println(
              "To end the journal there: cachewright journal inspect --data "
                  + directory
                  + " --cut "
                  + damage.place());
      console
          .out()
          .println(
              "That loses every write after number "
                  + damage.lastSequence()
                  + ": the rest of this segment"
                  + (damage.recordsBehind() == 0
                      ? ""
                      : ", and " + damage.recordsBehind() + " records in later ones")
                  + ". Writes that have reached the database are safe there.");
    }
  }
}
