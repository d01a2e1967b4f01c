// SPDX-License-Identifier: Apache-2.0
package io.cachewright.app.serve;

import io.cachewright.Cachewright;
import io.cachewright.ConfigurationException;
import io.cachewright.Pattern;
import io.cachewright.app.Failure;
import io.cachewright.app.config.Configuration;
import io.cachewright.app.config.KeyspaceSettings;
import io.cachewright.app.config.Settings;
import io.cachewright.engine.Log;
import io.cachewright.jdbc.JdbcDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache with its journal, if it needs one, and what is to be said of changes that wait there.
 *
 * <p>It needs one if a keyspace is write-behind or record. It has one, too, if there is a journal
 * in the directory from a time when one was: changes of it may wait, and nobody else would tell.
 */
final class DataDirectory {
  private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

  private final Cachewright cache;
  private final Configuration configuration;
  private final Path journal;

  /** Why the journal that is there is not open; null if it is, or if there is none. */
  private final @Nullable String leftAlone;

  private DataDirectory(
      Cachewright cache, Configuration configuration, Path directory, @Nullable String leftAlone) {
    this.cache = cache;
    this.configuration = configuration;
    this.journal = directory.resolve("journal");
    this.leftAlone = leftAlone;
  }

  /**
   * Opens the cache.
   *
   * @throws Failure if the directory cannot be used
   * @throws io.cachewright.JournalException if what is in it is damaged
   */
  static DataDirectory open(Configuration configuration, @Nullable JdbcDatabase database) {
    Path directory = Path.of(configuration.get(Settings.DATA)).toAbsolutePath().normalize();
    Cachewright.Builder builder = Cachewright.builder();
    if (database != null) {
      builder.database(database);
    }
    if (!configuration.isLogged() && !hasJournal(directory)) {
      return new DataDirectory(builder.open(), configuration, directory, /* leftAlone= */ null);
    }
    try {
      Cachewright cache =
          builder
              .directory(directory)
              .durability(configuration.get(Settings.DURABILITY))
              .drain(configuration.get(Settings.DRAIN))
              .open();
      return new DataDirectory(cache, configuration, directory, /* leftAlone= */ null);
    } catch (ConfigurationException e) {
      if (configuration.isLogged()) {
        throw Failure.failed(e.getMessage() + ": --data, or `data` in the configuration", e);
      }
      // Whoever has it sees to what waits there.
      log.info(
          "the journal is left alone, for no keyspace is write-behind or record: {}",
          e.getMessage());
      return new DataDirectory(
          builder.directory(null).open(), configuration, directory, e.getMessage());
    }
  }

  private static boolean hasJournal(Path directory) {
    Path journal = directory.resolve("journal");
    if (!Files.isDirectory(journal)) {
      return false;
    }
    try (Stream<Path> files = Files.list(journal)) {
      return files.anyMatch(file -> file.toString().endsWith(".journal"));
    } catch (IOException e) {
      log.warn("{} cannot be read: {}", journal, e.toString());
      return false;
    }
  }

  Cachewright cache() {
    return cache;
  }

  /** Where the journal is; null if there is none. */
  @Nullable Path journal() {
    return cache.engine().log() == null ? null : journal;
  }

  /**
   * Drops what waits of keyspaces that are not open yet.
   *
   * @param tables by which the database can be asked what it has already; null if there is none
   * @return what was dropped, in words
   */
  List<String> forget(List<String> names, @Nullable Tables tables) {
    Log its = cache.engine().log();
    if (leftAlone != null && !names.isEmpty()) {
      throw Failure.failed("nothing was forgotten: " + leftAlone);
    } else if (its == null) {
      return names.stream().map(name -> "nothing of " + name + ": there is no journal").toList();
    }
    List<String> told = new ArrayList<>();
    if (!names.isEmpty()) {
      learn(its, tables);
    }
    for (String name : names) {
      if (named(Pattern::isRecord).contains(name)) {
        throw Failure.wrongUse(
            "--forget "
                + name
                + ": it is a record keyspace of the configuration, and all that it has would be"
                + " lost, so nothing of it was dropped; CW.CLEAR removes its keys while it is"
                + " served");
      }
      int dropped = cache.forget(name);
      told.add(
          (dropped == 0 ? "nothing" : dropped + (dropped == 1 ? " change" : " changes"))
              + " of "
              + name);
    }
    return told;
  }

  private Set<String> leftIn(Log its) {
    Set<String> names = new TreeSet<>(its.unopened());
    names.removeAll(named(Pattern::isLogged));
    return names;
  }

  /** Of a journal that no keyspace is open over nobody knows yet what the database has of it. */
  private static void learn(Log its, @Nullable Tables tables) {
    if (tables != null && !tables.served().isEmpty() && !its.unopened().isEmpty()) {
      Served any = tables.served().get(0);
      its.learn(any.store(), any.name());
    }
  }

  /** Keyspaces of the configuration by their patterns, that of plain keys among them. */
  private Set<String> named(Predicate<Pattern> wanted) {
    return Stream.concat(configuration.keyspaces().stream(), Stream.of(configuration.plain()))
        .filter(keyspace -> wanted.test(keyspace.pattern()))
        .map(KeyspaceSettings::name)
        .collect(Collectors.toSet());
  }

  /** Keyspaces that have changes in the journal, and are not open. */
  Set<String> unopened() {
    Log its = cache.engine().log();
    return its == null ? Set.of() : its.unopened();
  }

  /**
   * Why nothing can be flushed once all keyspaces of the configuration are open; null if it can.
   */
  @Nullable String left(@Nullable Tables tables) {
    Log its = cache.engine().log();
    if (its == null || leftIn(its).isEmpty()) {
      return null;
    }
    learn(its, tables);
    Set<String> names = leftIn(its);
    return names.isEmpty()
        ? null
        : "changes of "
            + String.join(", ", names)
            + " wait in the journal ("
            + journal
            + "), and the configuration has no write-behind or record keyspace of that name:"
            + " before them nothing can be flushed. Put it back until they are in the database; or"
            + " drop them for good: `cachewright serve"
            + names.stream().map(name -> " --forget " + name).collect(Collectors.joining())
            + "`";
  }
}
